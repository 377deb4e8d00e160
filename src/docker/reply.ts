/** Answers in Docker's words: `Err` is empty on success and says why on failure. */

import type { FastifyReply } from 'fastify'
import { PluginError } from '../errors.ts'
import { strike } from '../secret.ts'
import { CONTENT_TYPE } from './protocol.ts'

export type Outcome = { readonly value: object } | { readonly error: unknown; readonly status?: number }

/** nDVP's, and what Docker takes for any failure; it shows the text of `Err`. */
const FAILED = 500

/** Sent as bytes: to a text fastify would add a charset, which Docker's type does not have. */
export function send(reply: FastifyReply, outcome: Outcome): FastifyReply {
  const failed = 'error' in outcome
  const body = failed ? { Err: strike(tellable(outcome.error)) } : { ...outcome.value, Err: '' }
  return reply
    .code(failed ? (outcome.status ?? FAILED) : 200)
    .header('content-type', CONTENT_TYPE)
    .send(Buffer.from(JSON.stringify(body)))
}

/** Closes the connection without an answer: Docker takes that for "could not ask" and tries again. */
export function cut(reply: FastifyReply): FastifyReply {
  reply.hijack()
  reply.raw.destroy()
  return reply
}

function tellable(error: unknown): string {
  if (error instanceof PluginError) return error.message
  return 'The plugin met a fault of its own. Its log has the details; please report them.'
}
