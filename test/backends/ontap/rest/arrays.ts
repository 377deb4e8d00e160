/** A server that answers REST as a test says, and an SVM opened on it. */

import type { TestContext } from 'node:test'
import { openOntap } from '../../../../src/backends/ontap/connect.ts'
import type { NewOntapVolume, Ontap } from '../../../../src/backends/ontap/ontap.ts'
import type { OntapSettings } from '../../../../src/backends/ontap/settings.ts'
import { silentLog } from '../../../../src/log.ts'
import { Secret } from '../../../../src/secret.ts'
import { MIB } from '../../../../src/units.ts'
import { temporaryDirectory } from '../../../host/fakes.ts'
import { type Answer, say, type TlsServer, tlsServer } from '../../tls-server.ts'

export interface Asked {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
}

/** An answer, or what stands in place of one: a status and a value, or anything at all. */
export type Reply = { readonly status: number; readonly value: unknown } | { readonly http: Answer }

export interface ScriptedArray {
  readonly server: TlsServer
  /** Calls that arrived, but for those of opening. */
  readonly calls: Asked[]
  readonly ontap: Ontap
}

/** @param replies one a call; the last one is also that to all that follow */
export async function array(
  t: TestContext,
  replies: readonly Reply[],
  settings: Partial<OntapSettings> & { readonly release?: readonly [number, number, number] } = {},
): Promise<ScriptedArray> {
  const { release = [9, 15, 1], ...rest } = settings
  const server = await tlsServer(t, say(500, 'not ready'))
  const opening = [cluster(...release), list({ name: 'svm1', uuid: 'svm-uuid' })]
  server.answer = (seen, ...rest) => answering(opening.shift() ?? ok({}))(seen, ...rest)
  const ontap = await openOntap(settingsFor(server, await temporaryDirectory(t), rest))
  t.after(() => ontap.close())
  const calls: Asked[] = []
  server.answer = (seen, ...rest) => {
    const reply = replies[Math.min(calls.length, replies.length - 1)] ?? ok({})
    calls.push(askedIn(seen))
    answering(reply)(seen, ...rest)
  }
  return { server, calls, ontap }
}

export function settingsFor(
  { port }: TlsServer,
  stateDirectory: string,
  more: Partial<OntapSettings> = {},
): OntapSettings {
  return {
    managementLIF: `127.0.0.1:${port}`,
    credentials: { username: 'vsadmin', password: new Secret('secret-of-array') },
    tls: {},
    stateDirectory,
    maxConcurrentRequests: 5,
    log: silentLog,
    signal: new AbortController().signal,
    firstPauseMs: 1,
    ...more,
  }
}

export function answering(reply: Reply): Answer {
  if ('http' in reply) return reply.http
  return say(reply.status, JSON.stringify(reply.value))
}

export function askedIn({ method, path, body }: { method: string; path: string; body: string }): Asked {
  const url = new URL(path, 'https://array')
  const query = Object.fromEntries(url.searchParams)
  return { method, path: url.pathname, query, body: body === '' ? undefined : JSON.parse(body) }
}

export const ok = (value: unknown): Reply => ({ status: 200, value })
export const text = (body: string, status = 200): Reply => ({ http: say(status, body) })
export const list = (...records: readonly unknown[]): Reply => ok({ records, num_records: records.length })
export const dropped: Reply = { http: (_request, _response, socket) => socket.destroy() }

export const cluster = (generation: number, major: number, minor: number): Reply =>
  ok({
    version: { full: `NetApp Release ${generation}.${major}.${minor}: today`, generation, major, minor },
  })

/** The array's own error. */
export const error = (code: string, status = 409, message = 'in so many words'): Reply => ({
  status,
  value: { error: { message, code, target: 'name' } },
})

/** A list of which there is more. */
export const page = (next: string, ...records: readonly unknown[]): Reply =>
  ok({ records, num_records: records.length, _links: { self: { href: '/api' }, next: { href: next } } })

export const accepted = (more: object = {}): Reply => ({ status: 202, value: { job: { uuid: 'job-1' }, ...more } })
export const job = (state: string, more: object = {}): Reply => ok({ uuid: 'job-1', state, ...more })

/** What a POST answers when the array was done in time. */
export const made = (uuid: string): Reply => ({
  status: 201,
  value: { job: { uuid: 'job-1' }, num_records: 1, records: [{ uuid, name: 'v1' }] },
})

export const newVolume: NewOntapVolume = {
  name: 'v1',
  style: 'flexvol',
  aggregates: ['aggr1'],
  size: (100 * MIB) as NewOntapVolume['size'],
  spaceGuarantee: 'none',
  snapshotPolicy: 'none',
  unixPermissions: 0o755,
  securityStyle: 'unix',
  exportPolicy: 'default',
  snapshotDirectory: true,
  junctionPath: '/v1',
  comment: 'a mark',
}

/** A volume as the array shows it. */
export function volume(name: string, more: Record<string, unknown> = {}): Row {
  return {
    uuid: `uuid-of-${name}`,
    name,
    state: 'online',
    style: 'flexvol',
    type: 'rw',
    is_svm_root: false,
    size: 104_857_600,
    comment: 'a mark',
    aggregates: [{ name: 'aggr1', uuid: 'aggr-uuid' }],
    guarantee: { type: 'none' },
    space: { used: 303_104, snapshot: { reserve_percent: 5 } },
    nas: { path: `/${name}`, security_style: 'unix', unix_permissions: 755, export_policy: { name: 'default' } },
    snapshot_policy: { name: 'none' },
    snapshot_directory_access_enabled: false,
    create_time: '2025-05-01T12:00:00+02:00',
    clone: { is_flexclone: false },
    svm: { uuid: 'svm-uuid' },
    ...more,
  }
}

export interface Row {
  readonly name: string
  readonly uuid: string
  readonly [field: string]: unknown
}
