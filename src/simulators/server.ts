/** What every simulated array's management address is: TLS, a password, latency, faults on demand. */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import type { Certificate } from './certificate.ts'
import { type FaultSchedule, isStatus } from './fault-schedule.ts'

export interface Request {
  /** Of HTTP. */
  readonly method: string
  readonly path: string
  /** What follows `?`, as it stands. */
  readonly query: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** As `admit` named who asks. */
  readonly user: string
}

export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What a client shows to be let in. */
export type Login =
  | { readonly name: string; readonly password: string }
  /** In PEM; that the client has its key was proved. */
  | { readonly certificate: string }

/** How one kind of array answers. */
export interface ArrayFace {
  /** The name that counts and faults know a request by; undefined for what is no call at all. */
  operationOf(request: Request): string | undefined
  answer(request: Request): Promise<Reply>
  /** The array's own error `name`, as its answer to `request`. */
  refuse(request: Request, name: string): Reply
  /** `reply`, but for another request. */
  misaddress(reply: Reply): Reply
  /** The door for tests, below /simulator/. No latency, no faults, not counted. */
  control(request: Request): Promise<Reply>
}

export interface ServerSettings {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Names who may come in; undefined for others, who are not told why. */
  readonly admit: (login: Login) => string | undefined
  /** Whether clients may show a certificate instead of a password. */
  readonly clientCertificates?: boolean
  readonly latencyMs: number
  readonly certificate: Certificate
  readonly faults: FaultSchedule
  readonly face: ArrayFace
}

export interface ArrayServer {
  readonly port: number
  /** Calls that arrived with the right password, by operation. */
  readonly counts: Map<string, number>
  useCertificate(certificate: Certificate): void
  /** Drops every connection. */
  close(): Promise<void>
}

export async function startServer(settings: ServerSettings): Promise<ArrayServer> {
  const { createServer } = await import('node:https')
  const counts = new Map<string, number>()
  /** By the client's port. Those below TLS: only they can be reset. */
  const sockets = new Map<number | undefined, Socket>()
  const reset: Reset = ({ socket }) => sockets.get(socket?.remotePort)?.resetAndDestroy()
  const asking = { requestCert: settings.clientCertificates === true, rejectUnauthorized: false }
  const tls = { ...settings.certificate, ...asking, keepAliveTimeout: KEEP_ALIVE_MS }
  const server = createServer(tls, (request, response) => {
    serve({ ...settings, counts, reset }, request, response).catch((error: unknown) => {
      // The client has gone, or the simulator is at fault: either way there is nobody to tell but by this.
      if (!response.headersSent) send(response, page(500, String(error)))
      else response.destroy()
    })
  })
  server.on('connection', (socket: Socket) => {
    const { remotePort } = socket
    sockets.set(remotePort, socket)
    socket.once('close', () => sockets.delete(remotePort))
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(settings.port, settings.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    useCertificate(certificate) {
      server.setSecureContext({ ...certificate })
      server.closeIdleConnections()
    },
    async close() {
      settings.faults.clear()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets.values()) socket.destroy()
      await closed
    },
  }
}

/** A page as a web server makes it, which is what arrays answer when no call was reached. */
export function page(status: number, title: string): Reply {
  const words = title.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
  return {
    status,
    type: 'text/html',
    body: `<!DOCTYPE HTML>\n<html><head><title>${status} ${words}</title></head><body><h1>${words}</h1></body></html>\n`,
  }
}

const KEEP_ALIVE_MS = 60_000
const LONGEST_BODY = 4 * 1024 * 1024

type Reset = (response: ServerResponse) => void

interface Serving extends ServerSettings {
  readonly counts: Map<string, number>
  readonly reset: Reset
}

async function serve(settings: Serving, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { face, faults, latencyMs, counts } = settings
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(incoming.url ?? '') ?? []
  const body = await bodyOf(incoming)
  const user = admitted(settings, incoming)
  if (user === undefined) return send(response, page(401, 'Unauthorized'))
  const request = { method: incoming.method ?? '', path, query, headers: headersOf(incoming), body, user }
  if (request.path.startsWith('/simulator/')) return send(response, await face.control(request))

  const operation = face.operationOf(request)
  if (operation !== undefined) counts.set(operation, (counts.get(operation) ?? 0) + 1)
  if (latencyMs > 0) await sleep(latencyMs)
  const fault = operation === undefined ? undefined : faults.take(operation)
  if (fault === undefined) return send(response, await face.answer(request))
  await fail(fault, settings, request, response)
}

/** See `KINDS` for what each fault is. */
async function fail(
  fault: string,
  { face, faults, reset }: Serving,
  request: Request,
  response: ServerResponse,
): Promise<void> {
  switch (fault) {
    case 'hang':
      return
    case 'hold':
      await faults.cleared()
      return send(response, await face.answer(request))
    case 'reset':
      return reset(response)
    case 'lost':
      await face.answer(request)
      return reset(response)
    case 'half':
      return sendHalf(response, await face.answer(request))
    case 'truncated': {
      const reply = await face.answer(request)
      return send(response, { ...reply, body: firstHalf(reply.body) })
    }
    case 'wrong-id':
      return send(response, face.misaddress(await face.answer(request)))
    case 'html':
      return send(response, page(200, 'Welcome'))
    case 'empty':
      return send(response, { status: 200, type: 'application/json', body: '' })
    case 'null':
      return send(response, { status: 200, type: 'application/json', body: 'null' })
    default:
      return send(response, isStatus(fault) ? page(Number(fault), 'Fault') : face.refuse(request, fault))
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > LONGEST_BODY) throw new RangeError('The request is too long.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** By basic authentication, RFC 7617, or else by certificate. */
function admitted({ admit }: ServerSettings, { headers, socket }: IncomingMessage): string | undefined {
  const [, credentials] = /^Basic +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  if (credentials !== undefined) {
    const [, name = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? []
    return admit({ name, password })
  }
  const shown = (socket as TLSSocket).getPeerX509Certificate()
  return shown && admit({ certificate: shown.toString() })
}

/** Takes as long whatever is wrong. */
export function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

function send(response: ServerResponse, { status, type, body, headers }: Reply): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, {
    ...headers,
    'Content-Type': type,
    'Content-Length': bytes.length,
    ...(status === 401 && { 'WWW-Authenticate': 'Basic realm="array"' }),
  })
  response.end(bytes)
}

function sendHalf(response: ServerResponse, { status, type, body }: Reply): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) })
  response.write(firstHalf(body), () => response.destroy())
}

function firstHalf(body: string): string {
  return body.slice(0, Math.floor(body.length / 2))
}
