/** Docker's API on fastify: parses, waits as long as Docker does, answers or cuts the connection. */

import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify'
import type { Context } from '../context.ts'
import { DeadlineError, hasCode, RequestError, reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { unlessAborted } from '../retry.ts'
import type { Gate } from '../volumes/state/gate.ts'
import type { Known } from '../volumes/state/known.ts'
import { readBody } from './body.ts'
import { BODY_LIMIT } from './protocol.ts'
import { cut, type Outcome, send } from './reply.ts'
import { ROUTES, type Route } from './routes.ts'

export interface ServerSettings {
  readonly gate: Gate
  readonly known: Known
  readonly log: Log
  /** Aborted when work must stop: the end of the daemon. */
  readonly signal: AbortSignal
  /** Shortens the patience of every call; for tests. */
  readonly patienceMs?: number
}

/** To be made ready; then it listens itself, or its `routing` answers what an early server has taken. */
export function dockerServer(settings: ServerSettings): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory: NO_COMPILERS },
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  server.setErrorHandler((error, _request, reply) => {
    const large = (error as { statusCode?: number }).statusCode === 413
    const told = new RequestError(
      'REQUEST_INVALID',
      large
        ? `The request body is larger than ${BODY_LIMIT} bytes.`
        : `The request cannot be read: ${reasonOf(error)}.`,
    )
    return send(reply, { error: told, status: large ? 413 : 400 })
  })
  server.setNotFoundHandler((request, reply) =>
    send(reply, {
      error: new RequestError('REQUEST_INVALID', `This plugin has no ${request.method} ${request.url}.`),
      status: 404,
    }),
  )

  let count = 0
  for (const route of ROUTES) {
    server.post(route.path, (request, reply) => {
      count += 1
      return handle(route, `${route.verb.toLowerCase()}-${count}`, settings, request, reply)
    })
  }
  return server
}

/**
 * Bodies are checked by readBody with checks compiled at build time, and answers are small: no route has a schema of
 * fastify's. Naming empty factories keeps it from loading its own compilers at start. (Its types ask for theirs.)
 */
const NO_COMPILERS = {
  buildValidator: () => () => () => true,
  buildSerializer: () => () => JSON.stringify,
} as unknown as NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>

async function handle(
  route: Route,
  id: string,
  settings: ServerSettings,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const asker = askerOf(reply, settings.patienceMs ?? route.patienceMs)
  const ctx: Context = { id, log: settings.log.child({ id }), signal: settings.signal, gone: asker.gone }
  const begun = performance.now()

  const { outcome, body, volumes } = await answer(route, settings, ctx, request.body as string | undefined)
  logOutcome(ctx, route, body, outcome, performance.now() - begun)

  if ('error' in outcome) asker.leave()
  if (outcome.cut || asker.closed()) return cut(reply)

  if (route.answered && volumes && 'value' in outcome) {
    const { answered } = route
    reply.raw.once('finish', () => {
      asker.arrived()
      answered(volumes, ctx, body as never).catch((error) =>
        ctx.log.warn('Cannot record that Docker has the answer; it will be found out later.', {
          reason: reasonOf(error),
        }),
      )
    })
  }
  return send(reply, outcome)
}

/** How long a start takes whose array answers. */
const OPENING_MS = 2_000

interface Answer {
  readonly outcome: Outcome & { readonly cut?: boolean }
  readonly body?: unknown
  readonly volumes?: Awaited<ReturnType<Gate['pass']>>
}

async function answer(
  route: Route,
  { gate, known }: ServerSettings,
  ctx: Context,
  text: string | undefined,
): Promise<Answer> {
  if (route.empty !== 'take' && (text ?? '').trim() === '') {
    const error = new RequestError(
      'REQUEST_INVALID',
      `${route.verb} came with an empty body, as Docker sends when it repeats a call whose connection broke. The repeat did nothing; try again.`,
    )
    return { outcome: { error, status: 400, cut: route.empty === 'cut' } }
  }
  if (route.constant) return { outcome: { value: route.constant } }

  let body: unknown
  try {
    body = readBody(route, text ?? '')
    if (route.meanwhile && !(await gate.opensWithin(OPENING_MS, ctx))) {
      const value = route.meanwhile(known, gate.reason, body as never)
      if (value) return { outcome: { value }, body }
    }
    const volumes = await gate.pass(ctx)
    const value = await inTime(route, ctx, route.answer!(volumes, ctx, body as never))
    return { outcome: { value }, body, volumes }
  } catch (error) {
    const said = error instanceof RequestError
    return {
      outcome: {
        error,
        cut: !said && route.unsure === 'cut',
        ...(hasCode(error, 'REQUEST_INVALID') && { status: 400 }),
      },
      body,
    }
  }
}

/**
 * The answer, or DEADLINE when Docker would not wait for it; the work goes on. Work that gives up because nobody waits,
 * such as one that has not begun, gets a turn to say so itself: it knows better what it was waiting for.
 */
async function inTime<T>(route: Route, ctx: Context, work: Promise<T>): Promise<T> {
  return unlessAborted(work, ctx.gone).catch(async (error) => {
    if (error !== ctx.gone.reason) throw error
    logLateEnd(route, ctx, work)
    const late = new Promise<never>((_, reject) => setImmediate(reject, tooLate(route, ctx)))
    return Promise.race([work, late])
  })
}

/** What its answer could not say any more. */
function logLateEnd({ verb }: Route, ctx: Context, work: Promise<unknown>): void {
  work.then(
    () => ctx.log.info('Done after Docker stopped waiting.', { verb }),
    (error) =>
      ctx.log.error('Failed after Docker stopped waiting.', { verb, reason: reasonOf(error), ...stackOf(error) }),
  )
}

function tooLate(route: Route, ctx: Context): DeadlineError {
  const seconds = Math.round(route.patienceMs / 1000)
  return new DeadlineError(
    `${route.verb} is not done after ${seconds} s, which is as long as Docker waits. It carries on (log lines with id ${ctx.id}); ask again for its result.`,
  )
}

/** Whoever waits for the answer: until the deadline, until the connection closes, or until they were told of a fault. */
function askerOf(reply: FastifyReply, patienceMs: number) {
  const controller = new AbortController()
  const leave = () => controller.abort(LEFT)
  const timer = setTimeout(leave, patienceMs)
  let closed = false
  reply.raw.once('close', () => {
    clearTimeout(timer)
    closed = !reply.raw.writableFinished
    if (closed) leave()
  })
  return { gone: controller.signal, leave, arrived: () => clearTimeout(timer), closed: () => closed }
}

const LEFT = new DOMException('Nobody waits for the answer any more.', 'AbortError')

/** The one line a request; errors of ours once with their code, a Defect with its stack. */
function logOutcome(ctx: Context, route: Route, body: unknown, outcome: Outcome, ms: number): void {
  const { Name } = (body ?? {}) as { Name?: unknown }
  const fields = { verb: route.verb, ...(Name !== undefined && { volume: Name }), ms: Math.round(ms) }
  if ('value' in outcome) {
    if (route.constant) ctx.log.debug('Answered.', fields)
    else ctx.log.info('Answered.', fields)
    return
  }
  const { error } = outcome
  const code = (error as { code?: unknown }).code ?? 'DEFECT'
  // Docker asks for each volume it is about to create.
  const routine = hasCode(error, 'OPTION_HELP') || (route.verb === 'Get' && hasCode(error, 'VOLUME_NOT_FOUND'))
  if (routine) ctx.log.info('Answered.', { ...fields, code })
  else if (error instanceof RequestError || error instanceof DeadlineError)
    ctx.log.warn('Refused.', { ...fields, code, reason: reasonOf(error) })
  else ctx.log.error('Failed.', { ...fields, code, reason: reasonOf(error), ...stackOf(error) })
}

function stackOf(error: unknown): object {
  const expected = error instanceof Error && 'code' in error && error.name !== 'Defect'
  return expected || !(error instanceof Error) ? {} : { stack: error.stack }
}
