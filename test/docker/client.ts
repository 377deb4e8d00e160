/** Speaks to the plugin's socket as dockerd does: POST, one JSON body, one answer. */

import { connect } from 'node:net'
import { Client } from 'undici'

export interface Told {
  readonly status: number
  readonly type: string | undefined
  readonly body: Record<string, unknown>
}

export interface DockerClient {
  /** A string is sent as it is; undefined sends no body. */
  call(verb: string, body?: unknown): Promise<Told>
  /** Sends bytes as they are and resolves with what came back until the connection closed. */
  raw(bytes: string): Promise<string>
  close(): Promise<void>
}

export function dockerClient(socketPath: string): DockerClient {
  const client = new Client('http://plugin', { socketPath, pipelining: 1 })
  return {
    async call(verb, body = {}) {
      const path = `/${verb.includes('.') ? verb : `VolumeDriver.${verb}`}`
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const headers = { accept: 'application/vnd.docker.plugins.v1.2+json' }
      const told = await client.request({ method: 'POST', path, headers, body: text })
      const type = told.headers['content-type']
      return { status: told.statusCode, type: String(type), body: (await told.body.json()) as Record<string, unknown> }
    },
    raw(bytes) {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const socket = connect({ path: socketPath })
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
      })
      socket.on('error', (error) =>
        (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? resolve(text) : reject(error),
      )
      socket.on('close', () => resolve(text))
      socket.write(bytes)
      return promise
    },
    close: () => client.destroy(),
  }
}

/** A request whose body was read away, as Docker's repeats are. */
export const emptyRequest = (verb: string) =>
  `POST /VolumeDriver.${verb} HTTP/1.1\r\nHost: plugin\r\nContent-Length: 0\r\n\r\n`
