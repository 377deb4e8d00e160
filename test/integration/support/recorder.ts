/**
 * A volume plugin that writes down what Docker sends, and answers as a test wants: for what Docker does when a plugin
 * misbehaves. It runs in the test's own process, and its socket lies in the machine.
 */

import { mkdir } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Machine } from './machine.ts'

export interface Call {
  readonly verb: string
  /** As it was sent. */
  readonly body: string
  /** When it came, in ms. */
  readonly at: number
}

/** What is answered; `'cut'` closes the connection instead. */
export type Reply = { readonly status?: number; readonly body: object } | 'cut'

export interface Recorder {
  readonly name: string
  readonly calls: Call[]
  /** Verbs of the calls since the last time this was asked. */
  verbs(): readonly string[]
  /** Answers a verb in another way from now on; undefined: as a plugin that works. */
  answer(verb: string, reply: Reply | undefined): void
  close(): Promise<void>
}

/** @param known volumes it has from the start */
export async function startRecorder(machine: Machine, name: string, known: readonly string[] = []): Promise<Recorder> {
  const calls: Call[] = []
  const volumes = new Set<string>(known)
  const replies = new Map<string, Reply>()
  let told = 0

  const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    const verb = request.url!.slice(request.url!.indexOf('.') + 1)
    const body = await text(request)
    calls.push({ verb, body, at: performance.now() })
    send(response, replies.get(verb) ?? (await works(verb, body)))
  })

  async function works(verb: string, body: string): Promise<Reply> {
    const { Name = '' } = (body === '' ? {} : JSON.parse(body)) as { Name?: string }
    const mountpoint = `/var/lib/${name}/${Name}`
    switch (verb) {
      case 'Activate':
        return { body: { Implements: ['VolumeDriver'] } }
      case 'Capabilities':
        return { body: { Capabilities: { Scope: 'global' } } }
      case 'Create':
        volumes.add(Name)
        return { body: {} }
      case 'Remove':
        volumes.delete(Name)
        return { body: {} }
      case 'Mount':
        await mkdir(machine.at(mountpoint), { recursive: true })
        return { body: { Mountpoint: mountpoint } }
      case 'Get':
        return volumes.has(Name) ? { body: { Volume: { Name } } } : { status: 500, body: { Err: 'none of that name' } }
      case 'List':
        return { body: { Volumes: [...volumes].map((Name) => ({ Name })) } }
      default:
        return { body: {} }
    }
  }

  const directory = machine.at('/run/docker/plugins')
  await mkdir(directory, { recursive: true })
  await new Promise<void>((resolve) => server.listen({ path: `${directory}/${name}.sock` }, resolve))
  return {
    name,
    calls,
    verbs() {
      const fresh = calls.slice(told).map(({ verb }) => verb)
      told = calls.length
      return fresh
    },
    answer(verb, reply) {
      if (reply === undefined) replies.delete(verb)
      else replies.set(verb, reply)
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'cut') {
    response.destroy()
    return
  }
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/vnd.docker.plugins.v1.1+json' })
  response.end(JSON.stringify(reply.body))
}
