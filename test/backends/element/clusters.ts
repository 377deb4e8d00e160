/** A server that answers JSON-RPC as a test says, and an Element opened on it. */

import type { TestContext } from 'node:test'
import type { Element, ElementSettings } from '../../../src/backends/element/element.ts'
import { openElement } from '../../../src/backends/element/open.ts'
import { silentLog } from '../../../src/log.ts'
import { Secret } from '../../../src/secret.ts'
import { temporaryDirectory } from '../../host/fakes.ts'
import { type Answer, say, type TlsServer, tlsServer } from '../tls-server.ts'

export interface Asked {
  readonly method: string
  readonly params: Record<string, unknown>
  readonly id: number
}

/** An answer, or what stands in place of one. Text is sent as it is. */
export type Reply =
  | { readonly result: unknown }
  | { readonly error: { readonly name: string; readonly message?: string } }
  | { readonly http: Answer }

export interface Cluster {
  readonly server: TlsServer
  /** Calls that arrived, but for the first GetAPI. */
  readonly calls: Asked[]
  readonly element: Element
}

/** @param replies one a call; the last one is also that to all that follow */
export async function cluster(
  t: TestContext,
  replies: readonly Reply[],
  settings: Partial<ElementSettings> & { readonly version?: string } = {},
): Promise<Cluster> {
  const { version = '12.0', ...rest } = settings
  const server = await tlsServer(t, say(500, 'not ready'))
  server.answer = answering({ result: { currentVersion: version, supportedVersions: [version] } })
  const element = await openElement({
    endpoint: new Secret(`https://admin:secret-of-cluster@127.0.0.1:${server.port}/json-rpc/${version}`),
    tls: {},
    stateDirectory: await temporaryDirectory(t),
    maxConcurrentRequests: 5,
    log: silentLog,
    signal: new AbortController().signal,
    firstPauseMs: 1,
    ...rest,
  })
  t.after(() => element.close())
  const calls: Asked[] = []
  server.answer = (seen, response, socket) => {
    const asked = JSON.parse(seen.body) as Asked
    const reply = replies[Math.min(calls.length, replies.length - 1)] ?? { result: {} }
    calls.push(asked)
    answering(reply)(seen, response, socket)
  }
  return { server, calls, element }
}

export function answering(reply: Reply): Answer {
  if ('http' in reply) return reply.http
  return (seen, response) => {
    const { id } = JSON.parse(seen.body) as Asked
    const error = 'error' in reply && { error: { code: 500, message: reply.error.name, ...reply.error } }
    response.end(JSON.stringify({ id, ...reply, ...error }))
  }
}

export const text = (body: string, status = 200): Reply => ({ http: say(status, body) })
export const fault = (name: string, message = name): Reply => ({ error: { name, message } })
export const dropped: Reply = { http: (_request, _response, socket) => socket.destroy() }

/** A volume as the array shows it. */
export function volume(id: number, more: Record<string, unknown> = {}) {
  const hex = id.toString(16).padStart(8, '0')
  return {
    volumeID: id,
    name: `v${id}`,
    accountID: 3,
    totalSize: 1_000_341_504,
    status: 'active',
    access: 'readWrite',
    iqn: `iqn.2010-01.com.solidfire:ab12.v${id}.${id}`,
    scsiNAADeviceID: `6F47ACC10000000061623132${hex}`,
    enable512e: true,
    qos: { minIOPS: 50, maxIOPS: 15_000, burstIOPS: 15_000, burstTime: 60, curve: { '4096': 100 } },
    qosPolicyID: null,
    attributes: {},
    volumeAccessGroups: [],
    createTime: '2025-05-01T12:00:00Z',
    deleteTime: '',
    purgeTime: '',
    ...more,
  }
}
