/** The flags, and what they mean once read. */

import type { Level } from '../daemon/log-line.ts'
import { type Flags, text } from './flags.ts'
import type { FlagKind } from './go-flags.ts'
import { ELEMENT_FLAGS, ONTAP_FLAGS } from './simulate-options.ts'
import { UsageError } from './usage-error.ts'

/** What the daemon is run with. */
export interface RunOptions {
  /** Absent: the default rule of config/source.ts. */
  readonly config?: string
  /** The name Docker knows the driver by; names socket, mount root, state directory and log. */
  readonly volumeDriver: string
  readonly logLevel: Level
  /** Overrides `logLevel`. */
  readonly debug: boolean
  /** Listen on this TCP port of the loopback address instead of the socket. */
  readonly port?: number
  readonly logFormat: 'text' | 'json'
  /** Goes before every path but that of the config. */
  readonly root: string
}

export interface CheckOptions extends Pick<RunOptions, 'config' | 'volumeDriver' | 'root'> {
  readonly json: boolean
}

export type RoleOptions = Pick<RunOptions, 'config' | 'volumeDriver'>

/** Flags of every command. */
export const SHARED_FLAGS = {
  config: {
    type: 'string',
    description: 'Config file [default: ./config.json if it is there]',
  },
  'volume-driver': {
    type: 'string',
    default: 'netapp',
    description: 'Name Docker knows the driver by; names socket, mounts, state and log',
  },
  root: { type: 'string', default: '/', description: 'Directory that goes before every path but the config file' },
} as const

/** Flags of the daemon. */
export const DAEMON_FLAGS = {
  'log-level': {
    type: 'string',
    default: 'info',
    description: 'Least level to log: debug, info, warn, error or fatal',
  },
  debug: { type: 'boolean', default: false, description: 'Same as --log-level=debug' },
  'log-format': { type: 'string', default: 'text', description: 'text or json' },
  port: { type: 'string', description: 'Listen on this port of 127.0.0.1 instead of the socket' },
  version: { type: 'boolean', default: false, description: 'Print the version and exit' },
} as const

export const CHECK_FLAGS = {
  json: { type: 'boolean', default: false, description: 'Print JSON' },
} as const

/** Flags of `role`, which touches nothing of this host. */
export const ROLE_FLAGS = { config: SHARED_FLAGS.config, 'volume-driver': SHARED_FLAGS['volume-driver'] } as const

/** All of them, for reading them as Go did. */
export const FLAG_KINDS: ReadonlyMap<string, FlagKind> = new Map([
  ['help', 'boolean'],
  ...Object.entries({ ...SHARED_FLAGS, ...DAEMON_FLAGS, ...CHECK_FLAGS, ...ELEMENT_FLAGS, ...ONTAP_FLAGS }).map(
    ([name, { type }]) => [name, type === 'boolean' ? 'boolean' : 'text'] as const,
  ),
])

/** @throws UsageError */
export function runOptionsOf(flags: Flags): RunOptions {
  const port = text(flags, 'port')
  return {
    ...sharedOptionsOf(flags),
    logLevel: readLevel(text(flags, 'log-level')),
    debug: flags['debug'] === true,
    ...(port !== '' && { port: readPort(port) }),
    logFormat: readFormat(text(flags, 'log-format')),
  }
}

/** @throws UsageError */
export function roleOptionsOf(flags: Flags): RoleOptions {
  const config = text(flags, 'config')
  return { ...(config !== '' && { config }), volumeDriver: readDriverName(text(flags, 'volume-driver')) }
}

/** @throws UsageError */
export function checkOptionsOf(flags: Flags): CheckOptions {
  return { ...sharedOptionsOf(flags), json: flags['json'] === true }
}

function sharedOptionsOf(flags: Flags): Pick<RunOptions, 'config' | 'volumeDriver' | 'root'> {
  return { ...roleOptionsOf(flags), root: readRoot(text(flags, 'root')) }
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/
/** A socket's path has at most 107 bytes, and `/run/docker/plugins/` and `.sock` are 25 of them. */
const LONGEST_NAME = 82

function readDriverName(name: string): string {
  if (NAME.test(name) && name.length <= LONGEST_NAME) return name
  throw new UsageError(
    `--volume-driver cannot be ${JSON.stringify(name)}: it names files. Use up to ${LONGEST_NAME} letters, digits, "_", "." and "-", beginning with a letter or digit.`,
  )
}

/** By every name that nDVP's logger took. */
const LEVELS: Readonly<Record<string, Level>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  fatal: 'fatal',
  panic: 'fatal',
}

function readLevel(name: string): Level {
  const level = Object.hasOwn(LEVELS, name.toLowerCase()) ? LEVELS[name.toLowerCase()] : undefined
  if (level !== undefined) return level
  throw new UsageError(`--log-level cannot be ${JSON.stringify(name)}. Use debug, info, warn, error or fatal.`)
}

function readFormat(name: string): 'text' | 'json' {
  if (name === 'text' || name === 'json') return name
  throw new UsageError(`--log-format cannot be ${JSON.stringify(name)}. Use text or json.`)
}

const LARGEST_PORT = 65_535

function readPort(digits: string): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0
  if (port >= 1 && port <= LARGEST_PORT) return port
  throw new UsageError(`--port cannot be ${JSON.stringify(digits)}. Use a number from 1 to ${LARGEST_PORT}.`)
}

function readRoot(path: string): string {
  if (path.startsWith('/')) return path
  throw new UsageError(`--root cannot be ${JSON.stringify(path)}. Give an absolute path.`)
}
