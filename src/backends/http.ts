/** Talks HTTP to one array. Nothing else in src/ opens connections to one. */

import { setImmediate } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import type { Agent, buildConnector, Dispatcher } from 'undici'
import type { Context } from '../context.ts'
import { BackendError, PluginError } from '../errors.ts'
import type { Log } from '../log.ts'
import { unlessAborted } from '../retry.ts'
import type { Secret } from '../secret.ts'
import { NoAnswer, NotConnected, translate } from './network-faults.ts'
import type { Pins } from './pins.ts'
import { openTrust, type Trust } from './tls.ts'
import type { ClientCertificate } from './tls-client.ts'
import type { TlsSettings } from './tls-settings.ts'
import { Turns } from './turns.ts'

export type HttpSettings = ConnectionSettings & Login

/** Who we are: said in each request, or shown once a connection. */
export type Login =
  | { readonly user: string; readonly password: Secret }
  | { readonly clientCertificate: ClientCertificate }

interface ConnectionSettings {
  /** `https://10.0.0.5:443`; whether `http:` will do is for the caller to say. */
  readonly origin: string
  readonly tls: TlsSettings
  readonly pins: Pins
  readonly maxConcurrentRequests: number
  readonly log: Log
}

export interface Http {
  /** `host:port`, for messages. */
  readonly address: string
  /**
   * Sends one request and reads the whole answer, whatever its status. Writes one debug line.
   *
   * @throws BackendError UNREACHABLE (NoAnswer) | CERTIFICATE_REFUSED | MALFORMED; the reason of `ctx.signal`
   */
  request(ctx: Context, request: HttpRequest): Promise<HttpReply>
  /** Ends all connections; requests under way fail. */
  close(): Promise<void>
}

export interface HttpRequest {
  /** What the array calls it; the only word of the request that is logged. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** From being sent to the last byte of the answer; 30 s unless told. */
  readonly timeoutMs?: number
  /** Of the answer; 64 MiB unless told. */
  readonly mostBytes?: number
  /** It may take long, as what changes something does: some turns are kept from it. */
  readonly slow?: boolean
}

export interface HttpReply {
  readonly status: number
  readonly body: Buffer
}

/** @throws ConfigError CONFIG_INVALID for `tls` */
export async function openHttp(settings: HttpSettings): Promise<Http> {
  const { origin, tls, pins, maxConcurrentRequests, log } = settings
  const shown = 'clientCertificate' in settings ? settings.clientCertificate : undefined
  const { protocol, hostname, port } = new URL(origin)
  const address = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
  const trust = protocol === 'https:' ? await openTrust(tls, { address, pins, log }, shown) : undefined
  const undici = await import('undici')
  // Time limits are our own: undici's tick in seconds.
  const agent = new undici.Agent({
    connect: connector(undici.buildConnector, trust),
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return new ArrayHttp(address, agent, new Turns(maxConcurrentRequests), settings)
}

class ArrayHttp implements Http {
  readonly address: string
  readonly #agent: Agent
  readonly #turns: Turns
  readonly #settings: HttpSettings

  constructor(address: string, agent: Agent, turns: Turns, settings: HttpSettings) {
    this.address = address
    this.#agent = agent
    this.#turns = turns
    this.#settings = settings
  }

  request(ctx: Context, request: HttpRequest): Promise<HttpReply> {
    return this.#turns.take(ctx.signal, request.slow ? 'slow' : 'quick', async () => {
      const startedAt = performance.now()
      const note = (status: number | string) =>
        ctx.log.debug('Array called.', {
          operation: request.operation,
          status,
          ms: Math.round(performance.now() - startedAt),
        })
      try {
        const reply = await this.#exchange(ctx, request)
        note(reply.status)
        return reply
      } catch (error) {
        note(ctx.signal.aborted ? 'stopped' : error instanceof PluginError ? error.code : 'failed')
        throw error
      }
    })
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async #exchange(ctx: Context, request: HttpRequest): Promise<HttpReply> {
    const what = `ask ${this.address} for ${request.operation}`
    const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS
    const patience = new AbortController()
    const timer = setTimeout(() => patience.abort(), timeoutMs)
    const signal = AbortSignal.any([ctx.signal, patience.signal])
    try {
      return await unlessAborted(this.#send(request, signal, what), signal)
    } catch (error) {
      if (ctx.signal.aborted) throw ctx.signal.reason
      if (!patience.signal.aborted) throw error instanceof PluginError ? error : translate(what, error)
      throw new NoAnswer(
        `Cannot ${what}: no whole answer came within ${timeoutMs / 1000} s. See whether the array is overloaded or failing over, then try again.`,
        { mayBeDone: true, cause: error },
      )
    } finally {
      clearTimeout(timer)
    }
  }

  async #send(request: HttpRequest, signal: AbortSignal, what: string): Promise<HttpReply> {
    const { method, path, headers, body, mostBytes = MAX_ANSWER } = request
    const reply = await this.#agent.request({
      origin: this.#settings.origin,
      method,
      path,
      headers: { ...headers, ...authorizationOf(this.#settings) },
      ...(body !== undefined && { body }),
      signal,
    })
    const answer = { status: reply.statusCode, body: await collect(reply.body, what, mostBytes) }
    // undici takes a connection back after a turn of the event loop: whoever asks at once would open another.
    await setImmediate()
    return answer
  }
}

function authorizationOf(login: Login): { readonly authorization?: string } {
  if (!('password' in login)) return {}
  const { user, password } = login
  return { authorization: `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}` }
}

const DEFAULT_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 10_000

/** 10,000 volumes are about 15 MB; an answer without end is not to fill the memory. */
const MAX_ANSWER = 64 * 1024 * 1024

async function collect(body: Dispatcher.ResponseData['body'], what: string, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > most) {
      throw new BackendError(
        'MALFORMED',
        `Cannot ${what}: the answer is longer than ${most} bytes, which no such answer is. Check the address in the config.`,
      )
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

/** Hands out a connection only once its certificate is trusted. */
function connector(build: typeof buildConnector, trust: Trust | undefined): buildConnector.connector {
  const connect = build({
    allowH2: false,
    timeout: CONNECT_TIMEOUT_MS,
    // A resumed session shows no certificate, and none would be judged.
    maxCachedSessions: 0,
    ...(trust && { secureContext: trust.secureContext, rejectUnauthorized: false }),
  })
  return (options, done) =>
    connect(options, (error, socket) => {
      if (error) return done(new NotConnected(error.message, { cause: error }), null)
      if (!trust) return done(null, socket)
      const tlsSocket = socket as TLSSocket
      trust.judge(tlsSocket).then(
        () => (tlsSocket.destroyed ? done(closedMeanwhile(), null) : done(null, socket)),
        (refusal) => {
          tlsSocket.destroy()
          done(refusal, null)
        },
      )
    })
}

function closedMeanwhile(): NotConnected {
  const cause = Object.assign(new Error('the connection was closed at once'), { code: 'ECONNRESET' })
  return new NotConnected(cause.message, { cause })
}
