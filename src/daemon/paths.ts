/** Every path of one instance, below an optional root. */

import { chmod, lstat, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, HostError, reasonOf } from '../errors.ts'

export interface Paths {
  /** Where Docker looks for the plugin. */
  readonly socket: string
  /** Tells Docker where the plugin listens; read by other tools too. */
  readonly spec: string
  /** The same for `--port`: Docker reads specs only here. */
  readonly tcpSpec: string
  readonly log: string
  readonly mountRoot: string
  readonly state: string
  readonly journal: string
  readonly mounts: string
  readonly known: string
}

export function pathsOf(volumeDriver: string, root = '/'): Paths {
  const at = (...parts: readonly string[]) => join(root, ...parts)
  const state = at('var/lib/netappdvp', volumeDriver)
  return {
    socket: at('run/docker/plugins', `${volumeDriver}.sock`),
    spec: at('run/docker/plugins', `${volumeDriver}.spec`),
    tcpSpec: at('etc/docker/plugins', `${volumeDriver}.spec`),
    log: at('var/log/netappdvp', `${volumeDriver}.log`),
    mountRoot: at('var/lib/docker-volumes', volumeDriver),
    state,
    journal: join(state, 'journal.json'),
    mounts: join(state, 'mounts.json'),
    known: join(state, 'known.json'),
  }
}

/**
 * Makes the directory, and those above it, unless it is there.
 *
 * @throws HostError PATH_INVALID when something else has its name | STATE_UNWRITABLE
 */
export async function ensureDirectory(path: string, mode: number): Promise<void> {
  try {
    const made = await mkdir(path, { recursive: true, mode })
    if (made !== undefined) await chmod(path, mode)
  } catch (error) {
    if (!['EEXIST', 'ENOTDIR'].includes(errnoOf(error) ?? '')) {
      throw new HostError('STATE_UNWRITABLE', `Cannot make the directory ${path}: ${reasonOf(error)}.`, {
        cause: error,
      })
    }
  }
  const found = await lstat(path).catch(() => undefined)
  if (found?.isDirectory()) return
  const kind = found?.isSymbolicLink()
    ? 'a symbolic link'
    : found
      ? 'not a directory'
      : 'below something that is not a directory'
  throw new HostError(
    'PATH_INVALID',
    `Cannot use ${path}: it is ${kind}. Move that away; the plugin makes the directory itself.`,
  )
}

/**
 * The same for a directory that is for nobody else: one that is there and lets others in is closed to them.
 *
 * @throws HostError PATH_INVALID | STATE_UNWRITABLE
 */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  await ensureDirectory(path, PRIVATE)
  try {
    const { mode } = await stat(path)
    if ((mode & ~PRIVATE & 0o777) !== 0) await chmod(path, PRIVATE)
  } catch (error) {
    throw new HostError('STATE_UNWRITABLE', `Cannot close ${path} to other users: ${reasonOf(error)}.`, {
      cause: error,
    })
  }
}

const PRIVATE = 0o700
