/** Options of an NFS mount: only those on a list, each of a value it may have. */

import { ConfigError } from './errors.ts'
import { suggest } from './nearest.ts'
import { NFS_OPTIONS, type OptionRule, refusalOf } from './nfs-option-list.ts'

/**
 * The options in `nfsMountOptions`, with or without `-o` before them: `-o nfsvers=4.1,hard` gives `['nfsvers=4.1', 'hard']`.
 * What is said twice is there once. No option holds anything but letters, digits and `_ . : = -`.
 *
 * @throws ConfigError CONFIG_INVALID naming the option, and what it may be
 */
export function parseNfsMountOptions(text: string): readonly string[] {
  const written = text.trim().split(FLAG).join(',').replace(/^,|,$/g, '')
  if (written === '') return []
  const options = [...new Set(written.split(','))]
  for (const option of options) ensureKnown(option)
  ensureNoneContradict(options)
  return options
}

export type NfsVersion = (typeof VERSIONS)[number]

/**
 * The version these options ask for, be it by others that only version 3 has; undefined leaves it to the kernel and the
 * server.
 */
export function nfsVersionOf(options: readonly string[]): NfsVersion | undefined {
  const asked = options.flatMap((option) => /^(?:nfsvers=|vers=|v)([\d.]+)$/.exec(option)?.[1] ?? [])[0]
  const minor = options.flatMap((option) => /^minorversion=(\d)$/.exec(option)?.[1] ?? [])[0]
  const version = asked === '4' && minor !== undefined ? `4.${minor}` : asked
  return VERSIONS.find((known) => known === version) ?? (options.some(isForVersion3) ? '3' : undefined)
}

/** What these options ask to be mounted over: `tcp`, `udp` or `rdma`; with a 6 over IPv6, else over IPv4. */
export function transportOf(options: readonly string[]): string | undefined {
  return options.flatMap((option) => /^(?:proto=)?((?:tcp|udp|rdma)6?)$/.exec(option)?.[1] ?? [])[0]
}

/**
 * True when locks surely go through rpc.statd of this machine: of version 3, and not kept local by `nolock`. With
 * `local_lock` mount.nfs(8) wants an rpc.statd all the same.
 */
export function locksOverStatd(options: readonly string[]): boolean {
  return nfsVersionOf(options) === '3' && !options.includes('nolock')
}

const VERSIONS = ['3', '4', '4.0', '4.1', '4.2'] as const

/** `-o` where it begins a word, as mount(8) takes it: any number of times, with or without a space after it. */
const FLAG = /(?:^|\s+)-o\s*/

const SAFE = /^[A-Za-z0-9_.:=-]*$/

/** mount.nfs(8) answers "Protocol not supported" to them with version 4, and turns to version 3 if it may. */
const FOR_MOUNTD = ['mountport', 'mountproto', 'mountvers', 'mounthost']

function isForVersion3(option: string): boolean {
  return transportOf([option])?.startsWith('udp') || FOR_MOUNTD.includes(partsOf(option).name)
}

function ensureKnown(option: string): void {
  if (option === '') throw invalid('There is an empty mount option: two commas follow each other. Take one away.')
  if (!SAFE.test(option)) {
    const [stranger] = [...option].filter((character) => !SAFE.test(character))
    throw invalid(
      `Mount option ${quoted(option)} has ${quoted(stranger!)} in it. Options are of letters, digits and _ . : = - only, with a comma and no space between them.`,
    )
  }
  const { name, value } = partsOf(option)
  const reason = refusalOf(name)
  if (reason !== undefined) throw invalid(`Mount option ${quoted(option)} cannot be used: ${reason}.`)
  const rule = NFS_OPTIONS.get(name)
  if (!rule) throw unknown(option, name)
  ensureValue(option, value, rule)
}

function ensureValue(option: string, value: string | undefined, { values, orAlone }: OptionRule): void {
  if (value === undefined && orAlone) return
  if (values === undefined) {
    if (value === undefined) return
    throw invalid(`Mount option ${quoted(option)} takes no value: write ${quoted(partsOf(option).name)}.`)
  }
  if (value !== undefined && values.allow(value)) return
  const needs = value === undefined ? 'needs a value' : 'needs another value'
  throw invalid(`Mount option ${quoted(option)} ${needs}: ${values.words}.`)
}

/** @throws ConfigError CONFIG_INVALID */
function ensureNoneContradict(options: readonly string[]): void {
  const byMatter = new Map<string, string>()
  for (const option of options) {
    const { name } = partsOf(option)
    const { matter } = NFS_OPTIONS.get(name)!
    const other = byMatter.get(matter)
    if (other !== undefined) throw contradiction(other, option, 'they are about the same thing')
    byMatter.set(matter, option)
  }

  const version = nfsVersionOf(options)
  const minor = options.find((option) => option.startsWith('minorversion='))
  const asked = byMatter.get('version')
  if (minor !== undefined && (asked === undefined || !/[=v]4$/.test(asked))) {
    throw invalid(`Mount option ${quoted(minor)} needs "nfsvers=4" beside it. Or write "nfsvers=4.1" alone.`)
  }
  if (version === undefined || version === '3') return
  const unfit = options.find(isForVersion3)
  if (unfit !== undefined) throw contradiction(asked!, unfit, 'the latter is for version 3 only')
}

function partsOf(option: string): { readonly name: string; readonly value?: string } {
  const at = option.indexOf('=')
  return at === -1 ? { name: option } : { name: option.slice(0, at), value: option.slice(at + 1) }
}

function unknown(option: string, name: string): ConfigError {
  const near = suggest(name, NFS_OPTIONS.keys())
  const hint = near === undefined ? 'See nfs(5) for those there are.' : `Did you mean "${near}"?`
  return invalid(`There is no mount option ${quoted(option)} for NFS. ${hint}`)
}

function contradiction(one: string, other: string, why: string): ConfigError {
  return invalid(`Mount options ${quoted(one)} and ${quoted(other)} contradict each other: ${why}. Take one away.`)
}

function invalid(message: string): ConfigError {
  return new ConfigError('CONFIG_INVALID', message)
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
