/**
 * A server that listens before it can answer: requests wait until it is told who answers them.
 *
 * Loading fastify takes longer than all the rest of a start. Docker, which gives up on a missing socket, need not wait
 * for it.
 */

import { createServer, type RequestListener, type Server } from 'node:http'

export interface EarlyServer {
  readonly http: Server
  /** Answers what has waited, and all that follows. */
  answerWith(handler: RequestListener): void
}

/** Docker keeps a handful. More than these would take the descriptors that running programs needs. */
const MAX_CONNECTIONS = 512

export function earlyServer(): EarlyServer {
  const handler = Promise.withResolvers<RequestListener>()
  const http = createServer(async (request, response) => (await handler.promise)(request, response))
  // Docker keeps its connection and writes the next call into it. Were it closed just then for idleness, Docker would
  // repeat the call with an empty body.
  http.keepAliveTimeout = 0
  http.maxConnections = MAX_CONNECTIONS
  return { http, answerWith: handler.resolve }
}
