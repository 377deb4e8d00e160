/** Where Docker finds the plugin: a unix socket, one that systemd hands over, or a loopback port. */

import { chmod, lstat, unlink } from 'node:fs/promises'
import type { Server, ServerResponse } from 'node:http'
import { connect, type ListenOptions } from 'node:net'
import { dirname } from 'node:path'
import { replaceFile } from '../durable-file.ts'
import { ConfigError, errnoOf, HostError, reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { ensureDirectory, type Paths } from './paths.ts'
import { alreadyRunning } from './single-instance.ts'
import { holderOf } from './socket-holder.ts'

export interface ListenSettings {
  readonly paths: Paths
  readonly volumeDriver: string
  /** Loopback TCP instead of the unix socket. */
  readonly port?: number
  /** A listening socket systemd has opened. */
  readonly inheritedFd?: number
  readonly log: Log
}

export interface Listening {
  /** For people: what Docker connects to. */
  readonly address: string
  /** Stops accepting, waits for the calls under way, and takes away the files that led here. */
  close(): Promise<void>
}

/** @throws ConfigError ALREADY_RUNNING; HostError PATH_INVALID | STATE_UNWRITABLE */
export async function listen(server: Server, settings: ListenSettings): Promise<Listening> {
  const { paths, port, inheritedFd, log } = settings

  if (port !== undefined) {
    log.warn('Listening on TCP: every user of this host can create, mount and remove volumes.', { port })
    await listening(server, { host: '127.0.0.1', port })
    return announced(server, `tcp://127.0.0.1:${port}`, paths.tcpSpec)
  }
  if (inheritedFd !== undefined) {
    await listening(server, { fd: inheritedFd })
    return announced(server, `unix://${paths.socket}`, undefined)
  }
  await clearSocket(paths.socket, settings.volumeDriver)
  await ensureDirectory(dirname(paths.socket), 0o755)
  await listeningWithMode(server, paths.socket)
  return announced(server, `unix://${paths.socket}`, paths.spec)
}

/** Removes a socket nobody listens on; everything else in its place is somebody's. */
async function clearSocket(path: string, volumeDriver: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new HostError(
      'PATH_INVALID',
      `Cannot listen on ${path}: socket paths have at most ${MAX_SOCKET_PATH} bytes. Choose a shorter --root or --volume-driver.`,
    )
  }
  const found = await lstat(path).catch(() => undefined)
  if (!found) return
  if (!found.isSocket()) {
    const kind = found.isSymbolicLink() ? 'a symbolic link' : found.isDirectory() ? 'a directory' : 'a file'
    throw new HostError('PATH_INVALID', `Cannot listen on ${path}: ${kind} is in its place. Move it away.`)
  }
  if (await answers(path)) throw alreadyRunning(volumeDriver, await holderOf(path))
  await unlink(path)
}

/** `sun_path` has 108 bytes with its end. @see unix(7) */
const MAX_SOCKET_PATH = 107

function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const probe = connect({ path })
  probe.once('connect', () => resolve(true))
  probe.once('error', (error) => resolve(errnoOf(error) !== 'ECONNREFUSED'))
  return promise.finally(() => probe.destroy())
}

/** The socket has its mode from its first moment: between bind(2) and a chmod, the umask's would let anybody in. */
async function listeningWithMode(server: Server, path: string): Promise<void> {
  const before = process.umask(SOCKET_UMASK)
  // The socket is made before this returns.
  const listens = listening(server, { path })
  process.umask(before)
  await listens
}

/** Leaves 0660. */
const SOCKET_UMASK = 0o117

async function listening(server: Server, options: ListenOptions | { readonly fd: number }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(options, resolve)
  try {
    await promise
  } catch (error) {
    const where = 'fd' in options ? `descriptor ${options.fd}` : (options.path ?? `${options.host}:${options.port}`)
    throw new ConfigError('ALREADY_RUNNING', `Cannot listen on ${where}: ${reasonOf(error)}.`, { cause: error })
  } finally {
    server.off('error', reject)
  }
}

/** Other tools than Docker read specs too; there is nothing secret in them. */
const SPEC_MODE = 0o644

async function announced(server: Server, address: string, spec: string | undefined): Promise<Listening> {
  const unanswered = trackUnanswered(server)
  if (spec !== undefined) {
    await ensureDirectory(dirname(spec), 0o755)
    await replaceFile(spec, `${address}\n`, SPEC_MODE)
    // Whatever our umask.
    await chmod(spec, SPEC_MODE)
  }
  return {
    address,
    async close() {
      // Node unlinks its own socket file on close, and leaves one that systemd opened.
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      unanswered.makeLast()
      if (spec !== undefined) await unlink(spec).catch(() => {})
      await closed
    },
  }
}

/** Docker keeps its connections: one with a call under way would stay open after the answer, and hold up the close. */
function trackUnanswered(server: Server): { makeLast(): void } {
  const unanswered = new Set<ServerResponse>()
  let closing = false
  server.prependListener('request', (_request, response) => {
    unanswered.add(response)
    response.once('close', () => unanswered.delete(response))
    response.shouldKeepAlive &&= !closing
  })
  return {
    /** Calls that are under way, or come yet, end their connection with their answer (`Connection: close`). */
    makeLast() {
      closing = true
      for (const response of unanswered) response.shouldKeepAlive = false
    },
  }
}
