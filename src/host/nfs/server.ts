/**
 * The server, as this machine sees it from afar. Names are looked up by a program: a lookup that hangs would hold one of
 * Node's few threads.
 */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, isIP } from 'node:net'
import type { Context } from '../../context.ts'
import { errnoOf } from '../../errors.ts'
import type { NfsTools } from './tools.ts'

export const NFS_PORT = 2049

/** The addresses of a server, the one to be used first; none if its name cannot be resolved. */
export async function addressesOf({ run }: NfsTools, ctx: Context, server: string): Promise<readonly string[]> {
  if (isIP(server) !== 0) return [server]
  try {
    const { stdout } = await run(ctx, 'getent', ['ahosts', '--', server], { timeoutMs: LOOKUP_LIMIT_MS })
    const found = stdout.split('\n').map((line) => line.split(/\s/)[0]!)
    return [...new Set(found.filter((address) => isIP(address) !== 0))]
  } catch (error) {
    if (ctx.signal.aborted) throw error
    return []
  }
}

/**
 * The address of this machine from which packets go to `address`: the kernel's choice, as of its routes. Nothing is sent.
 * Undefined where no route leads there.
 */
export async function ownAddressTowards(address: string): Promise<string | undefined> {
  const version = isIP(address)
  if (version === 0) return undefined
  const socket = createSocket(version === 4 ? 'udp4' : 'udp6')
  try {
    const connected = once(socket, 'connect')
    socket.connect(NFS_PORT, address)
    await connected
    return socket.address().address
  } catch {
    return undefined
  } finally {
    socket.close()
  }
}

/** True when something at that address answers, be it with a refusal. */
export function isAnswering(address: string, port: number, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port })
    const end = (answers: boolean) => {
      socket.destroy()
      resolve(answers)
    }
    socket.setTimeout(limitMs, () => end(false))
    socket.once('connect', () => end(true))
    socket.once('error', (error) => end(errnoOf(error) === 'ECONNREFUSED'))
  })
}

const LOOKUP_LIMIT_MS = 5_000
