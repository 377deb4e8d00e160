/** A server with TLS that answers as a test says: for what arrays do to a connection rather than to a call. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { type Certificate, makeCertificate } from '../../src/simulators/certificate.ts'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: string
}

export type Answer = (request: Seen, response: ServerResponse, socket: Socket) => void

export interface TlsServer {
  readonly port: number
  readonly origin: string
  /** Every request that arrived. */
  readonly requests: Seen[]
  /** How it answers from now on. */
  answer: Answer
  useCertificate(certificate: Certificate): void
  close(): Promise<void>
}

export async function tlsServer(
  t: TestContext,
  answer: Answer,
  certificate: Certificate = makeCertificate('127.0.0.1', 'first'),
): Promise<TlsServer> {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ ...certificate }, (request, response) => {
    void receive(request).then((seen) => {
      started.requests.push(seen)
      started.answer(seen, response, request.socket)
    })
  })
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const started: TlsServer = {
    port,
    origin: `https://127.0.0.1:${port}`,
    requests: [],
    answer,
    useCertificate(next) {
      ;(server as Server & { setSecureContext(options: Certificate): void }).setSecureContext({ ...next })
      for (const socket of sockets) socket.destroy()
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
  t.after(() => started.close())
  return started
}

async function receive(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString()
  return { method: request.method ?? '', path: request.url ?? '', authorization: request.headers.authorization, body }
}

/** Answers with a status and a text. */
export function say(status: number, text: string): Answer {
  return (_request, response) => {
    response.writeHead(status)
    response.end(text)
  }
}
