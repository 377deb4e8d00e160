/** Where a config comes from, and its text. */

import { ConfigError, errnoOf, reasonOf } from '../errors.ts'
import { isThere, readAtMost } from './bounded-file.ts'

/** A file, or text that came with the plugin. */
export type ConfigSource = { readonly file: string } | { readonly builtin: string }

export interface ConfigText {
  /** For messages: the path, or `built-in config`. */
  readonly name: string
  readonly text: string
  /** Someone besides the owner may read it. */
  readonly exposed: boolean
}

/** Drivers that work without a config file. */
const BUILTIN: Readonly<Record<string, string>> = {
  'local-file': '{"version":1,"storageDriverName":"local-file"}',
}

/** nDVP's default of `--config`. */
const DEFAULT_FILE = 'config.json'

/**
 * The config to use: the one given; else `config.json` in the working directory; else, for a driver name that has one,
 * the config that came with the plugin.
 *
 * @throws ConfigError CONFIG_UNREADABLE when there is none
 */
export async function chooseSource(given: string | undefined, volumeDriver: string): Promise<ConfigSource> {
  if (given !== undefined) return { file: given }
  if (await isThere(DEFAULT_FILE)) return { file: DEFAULT_FILE }
  const builtin = Object.hasOwn(BUILTIN, volumeDriver) ? BUILTIN[volumeDriver] : undefined
  if (builtin !== undefined) return { builtin }
  throw new ConfigError(
    'CONFIG_UNREADABLE',
    `There is no config: --config was not given and ${process.cwd()} has no ${DEFAULT_FILE}. Give --config=/etc/netappdvp/${volumeDriver}.json, or try the plugin without an array with --volume-driver=local-file.`,
  )
}

/** @throws ConfigError CONFIG_UNREADABLE */
export async function readSource(source: ConfigSource): Promise<ConfigText> {
  if ('builtin' in source) return { name: 'built-in config', text: source.builtin, exposed: false }
  const { bytes, exposed } = await readFile(source.file)
  return { name: source.file, text: decode(source.file, bytes), exposed }
}

/** Far above any config, far below what would hurt. */
const LIMIT = 1024 * 1024

async function readFile(path: string): Promise<{ bytes: Buffer; exposed: boolean }> {
  const { bytes, exposed } = await readAtMost(path, LIMIT).catch((error) => {
    throw unreadable(path, whyUnreadable(error), error)
  })
  if (!bytes) throw unreadable(path, `it is larger than ${LIMIT} bytes. Give the path of a config file`)
  return { bytes, exposed }
}

function whyUnreadable(error: unknown): string {
  const errno = errnoOf(error) ?? ''
  return WHY_UNREADABLE[errno] ?? `${reasonOf(error)}. Make it a file the plugin may read`
}

const WHY_UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file. Create it, or give its path with --config',
  EISDIR: 'it is a directory. Give the path of a config file in it',
  ENOTDIR: 'a part of its path is not a directory. Correct the path given with --config',
  EACCES: 'permission is denied. Run the plugin as root, or let its user read the file',
  ELOOP: 'its symbolic links lead in a circle. Give the path of the file itself',
}

/** UTF-8, with or without a byte order mark. */
function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    const marked = bytes.subarray(0, 2).toString('latin1')
    const found = marked === '\xff\xfe' || marked === '\xfe\xff' ? 'is UTF-16' : 'is not UTF-8 text'
    throw unreadable(path, `it ${found}. Save it as UTF-8`, error)
  }
}

function unreadable(path: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError('CONFIG_UNREADABLE', `Cannot read config file ${path}: ${why}.`, { cause })
}
