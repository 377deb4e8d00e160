/**
 * At most one process serves a driver name.
 *
 * The lock is a listening abstract socket: the kernel lets one process have the name, and frees it however that process
 * ends. Abstract names have no owner, so another user could take ours to keep us from starting: a holder of another
 * user is reported and passed over. The check of the plugin's socket path remains.
 */

import { createServer, type Server } from 'node:net'
import { ConfigError, errnoOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { holderOf } from './socket-holder.ts'

/** @throws ConfigError ALREADY_RUNNING. @returns how to give the lock back; the end of the process does so too. */
export async function lockInstance(stateDirectory: string, volumeDriver: string, log: Log): Promise<() => void> {
  const name = lockNameOf(stateDirectory)
  const server = createServer((connection) => connection.destroy())
  try {
    await listening(server, name)
  } catch (error) {
    if (errnoOf(error) !== 'EADDRINUSE') throw error
    const holder = await holderOf(name)
    if (!holder || holder.uid === process.getuid?.()) throw alreadyRunning(volumeDriver, holder)
    log.warn('Another user holds the name that keeps a second instance away; starting without it.', { ...holder })
  }
  server.unref()
  return () => server.close()
}

/** `sun_path` has 108 bytes, the leading NUL among them. @see unix(7) */
const LONGEST_NAME = 107

/** For people to recognise in `ss -x`, unless it is too long: a path longer than the socket's may be. */
function lockNameOf(stateDirectory: string): string {
  const name = `\0netappdvp:${stateDirectory}`
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name
  const { createHash } = process.getBuiltinModule('node:crypto')
  return `\0netappdvp:${createHash('sha256').update(stateDirectory).digest('hex')}`
}

export function alreadyRunning(
  volumeDriver: string,
  holder: { pid: number; command: string } | undefined,
): ConfigError {
  const who = holder ? `process ${holder.pid} (${holder.command})` : 'another process'
  return new ConfigError(
    'ALREADY_RUNNING',
    `Cannot start: ${who} serves the volume driver "${volumeDriver}" already. Stop it first, or choose another --volume-driver.`,
  )
}

/** Node's own wait, as a promise. */
function listening(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ path }, resolve)
  return promise
}
