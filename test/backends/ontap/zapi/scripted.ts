/** A server that answers ONTAPI as a test says, and an SVM opened on it. */

import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Http, openHttp } from '../../../../src/backends/http.ts'
import type { Ontap, OntapRelease } from '../../../../src/backends/ontap/ontap.ts'
import { openZapi } from '../../../../src/backends/ontap/zapi/open.ts'
import { Pins } from '../../../../src/backends/pins.ts'
import { type Log, silentLog } from '../../../../src/log.ts'
import { Secret } from '../../../../src/secret.ts'
import { temporaryDirectory } from '../../../host/fakes.ts'
import { type Answer, type Seen, say, type TlsServer, tlsServer } from '../../tls-server.ts'

export interface Asked {
  /** Such as `volume-create`. */
  readonly api: string
  /** What stands in it, as XML. */
  readonly input: string
  readonly version: string
  readonly vfiler: string | undefined
}

/** What stands in `results`, or an answer as a whole. */
export type Reply = string | { readonly http: Answer }

export interface Scripted {
  readonly server: TlsServer
  /** Calls that arrived after the SVM was opened. */
  readonly calls: Asked[]
  readonly ontap: Ontap
  readonly http: Http
}

export interface Script {
  readonly release?: string
  /** The LIF is one of the cluster. */
  readonly cluster?: boolean
  readonly svm?: string
  readonly log?: Log
  readonly firstPauseMs?: number
}

/** @param replies one a call; the last one is also that to all that follow */
export async function scripted(t: TestContext, replies: readonly Reply[], script: Script = {}): Promise<Scripted> {
  const { release = '9.11.1', cluster = false, svm, log = silentLog, firstPauseMs = 1 } = script
  const server = await tlsServer(t, answering(passed(svms(['svm1', 'data'], cluster))))
  const http = await openHttp({
    origin: server.origin,
    user: 'vsadmin',
    password: new Secret('secret-of-svm'),
    tls: {},
    pins: new Pins(join(await temporaryDirectory(t), 'certificates.json')),
    maxConcurrentRequests: 5,
    log,
  })
  t.after(() => http.close())
  const { signal } = new AbortController()
  const parts = { http, release: releaseOf(release), tries: 6, firstPauseMs, log, signal }
  const ontap = await openZapi({ ...parts, ...(svm !== undefined && { svm }) })
  const calls: Asked[] = []
  server.answer = (seen, response, socket) => {
    const reply = replies[Math.min(calls.length, replies.length - 1)] ?? passed('')
    calls.push(askedIn(seen))
    answering(reply)(seen, response, socket)
  }
  return { server, calls, ontap, http }
}

export function releaseOf(text: string): OntapRelease {
  const [generation = 9, major = 0, minor = 0] = text.split('.').map(Number)
  return { generation, major, minor, text: `NetApp Release ${text}` }
}

export function askedIn({ body }: Seen): Asked {
  const [, head = '', content = ''] = /<netapp([^>]*)>(.*)<\/netapp>/s.exec(body) ?? []
  const [, api = '', input = ''] = /^<([\w-]+)(?:\/>|>(.*)<\/[\w-]+>$)/s.exec(content) ?? []
  const attribute = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(head)?.[1]
  return { api, input, version: attribute('version') ?? '', vfiler: attribute('vfiler') }
}

export function answering(reply: Reply): Answer {
  return typeof reply === 'string' ? say(200, enveloped(reply)) : reply.http
}

/** With the prolog arrays have. */
export function enveloped(results: string): string {
  return `<?xml version='1.0' encoding='UTF-8' ?>\n<!DOCTYPE netapp SYSTEM 'file:/etc/netapp_gx.dtd'>\n<netapp version='1.201' xmlns='urn:filer'>${results}</netapp>`
}

export const passed = (content: string) => `<results status="passed">${content}</results>`
export const failed = (errno: string, reason = 'in so many words') =>
  `<results status="failed" errno="${errno}" reason="${reason.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></results>`
export const text = (body: string, status = 200): Reply => ({ http: say(status, body) })
export const dropped: Reply = { http: (_request, _response, socket) => socket.destroy() }

/** A page of a list, and the tag of the next one. */
export function page(rows: readonly string[], tag?: string): string {
  const list = rows.length === 0 ? '' : `<attributes-list>${rows.join('')}</attributes-list>`
  const next = tag === undefined ? '' : `<next-tag>${tag}</next-tag>`
  return passed(`${list}${next}<num-records>${rows.length}</num-records>`)
}

function svms(data: readonly [string, string], cluster: boolean): string {
  const row = ([name, type]: readonly [string, string]) =>
    `<vserver-info><root-volume>${name}_root</root-volume><uuid>${name}-uuid</uuid><vserver-name>${name}</vserver-name><vserver-type>${type}</vserver-type></vserver-info>`
  const rows = [data, ...(cluster ? [['cluster1', 'admin'] as const, ['cluster1-01', 'node'] as const] : [])]
  return `<attributes-list>${rows.map(row).join('')}</attributes-list><num-records>${rows.length}</num-records>`
}

export interface VolumeShown {
  readonly name: string
  readonly id?: string
  readonly space?: string
  readonly state?: string
  readonly more?: string
}

/** A volume as arrays show it: what is not there is left out. */
export function volume({ name, id = '', space = '<size>1073741824</size>', state = 'online', more = '' }: VolumeShown) {
  return `<volume-attributes><volume-id-attributes>${id}<instance-uuid>${name}-uuid</instance-uuid><name>${name}</name></volume-id-attributes><volume-space-attributes>${space}</volume-space-attributes><volume-state-attributes><state>${state}</state></volume-state-attributes>${more}</volume-attributes>`
}

/** What is answered to an asynchronous call, and how its job is shown. */
export const begun = passed('<result-status>in_progress</result-status><result-jobid>42</result-jobid>')
export const job = (state: string, more = '') =>
  page([`<job-info><job-id>42</job-id><job-state>${state}</job-state>${more}</job-info>`])

/** What is answered to a change of one volume. */
export const modified = passed('<num-failed>0</num-failed><num-succeeded>1</num-succeeded>')

export const group = (name: string, comment: string) =>
  volume({ name, id: `<comment>${comment}</comment><style-extended>flexgroup</style-extended>` })

/** The calls that were made, in order. */
export const apis = ({ calls }: Scripted) => calls.map(({ api }) => api)

/** What stood in the first call of an API. */
export const inputOf = ({ calls }: Scripted, api: string) => calls.find((call) => call.api === api)?.input ?? ''
