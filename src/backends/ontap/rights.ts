/**
 * What roles of an ONTAP allow, in either notation: REST has paths (`/api/storage/volumes`), ZAPI has the commands that do
 * the same (`volume create`). Both are trees: a right counts for what is below it too, and the most exact one decides.
 */

import type { OntapDialect, OntapRelease, OntapRight, OntapVolumeStyle, Ontap as Vocabulary } from './ontap.ts'
import { atLeast } from './releases.ts'
import { REST_CALLS } from './rest/rights.ts'
import { ZAPI_CALLS } from './zapi/rights.ts'

export type Access = OntapRight['access']

/** What a call does with what it names. `run` is any command that changes something. */
export type Use = 'read' | 'create' | 'modify' | 'remove' | 'run'

type Noun = 'volumes' | 'snapshots' | 'qtrees' | 'quotas' | 'exports' | 'aggregates' | 'network' | 'events' | 'roles'
type Verb<N extends Noun> = {
  [V in keyof Vocabulary[N] & string]: Vocabulary[N][V] extends (...inputs: never[]) => unknown ? V : never
}[keyof Vocabulary[N] & string]

/** A verb of ontap.ts: `volumes.create`. `volumes.purge` is a removal that leaves nothing in the recovery queue. */
export type Deed = 'open' | 'volumes.purge' | { [N in Noun]: `${N}.${Verb<N>}` }[Noun]

/** One call of an API, as roles judge it, and what it is made for. */
export interface RatedCall {
  /** `POST /storage/volumes`, `volume-create`: what it is called in our log. */
  readonly operation: string
  /** Where it leads: `/api/storage/volumes/*` for one of them, `volume create`. */
  readonly path: string
  /** What a role that allows it names: `/api/storage/volumes`. */
  readonly to: string
  readonly use: Use
  readonly deeds: readonly Deed[]
  /** Absent: made for volumes of every style. */
  readonly style?: OntapVolumeStyle
  /** For administrators: `makes volumes`. */
  readonly why: string
  /** What it is like without it. Absent: the deed fails. */
  readonly without?: string
  /** The first release where it is made no more: `9.13.1`. */
  readonly until?: string
}

export interface Doings {
  readonly deeds: readonly Deed[]
  readonly style: OntapVolumeStyle
}

/** The calls that some deeds take. @param release absent: any */
export function callsFor(
  dialect: OntapDialect,
  { deeds, style }: Doings,
  release?: OntapRelease,
): readonly RatedCall[] {
  return (dialect === 'rest' ? REST_CALLS : ZAPI_CALLS).filter(
    (call) =>
      call.deeds.some((deed) => deeds.includes(deed)) &&
      (call.style === undefined || call.style === style) &&
      !(release && call.until !== undefined && atLeast(release, call.until)),
  )
}

export interface NeededRight extends OntapRight {
  /** Each once. */
  readonly whys: readonly string[]
  readonly without?: string
  readonly until?: string
}

/** The least rights with which these calls may be made, by their paths or commands; none that another one has in it. */
export function rightsFor(calls: readonly RatedCall[]): readonly NeededRight[] {
  const rights = [...Map.groupBy(calls, ({ to }) => to)].map(([to, own]) => rightOf(to, own))
  return rights
    .filter((right) => !rights.some((other) => isWithin(right, other)))
    .map((right) => ({ ...right, whys: [right, ...rights.filter((other) => isWithin(other, right))].flatMap(whysOf) }))
    .map((right) => ({ ...right, whys: [...new Set(right.whys)] }))
    .sort((a, b) => (a.to < b.to ? -1 : 1))
}

const whysOf = ({ whys }: NeededRight) => whys

function rightOf(to: string, calls: readonly RatedCall[]): NeededRight {
  const [first] = calls
  const without = calls.every((call) => call.without !== undefined) ? first?.without : undefined
  const until = calls.every((call) => call.until !== undefined) ? first?.until : undefined
  return {
    to,
    access: leastFor(calls.map(({ use }) => use)),
    whys: calls.map(({ why }) => why),
    ...(without !== undefined && { without }),
    ...(until !== undefined && { until }),
  }
}

/** Whether a right is one that another, further up, has in it. */
function isWithin(right: OntapRight, other: OntapRight): boolean {
  return (
    right.to !== other.to &&
    covers(other.to, right.to) &&
    USES[right.access].every((use) => includes(other.access, use))
  )
}

/** Whether a role allows a call. */
export function allows(rights: readonly OntapRight[], call: RatedCall): boolean {
  const right = decisiveFor(rights, call)
  return right !== undefined && includes(right.access, call.use)
}

/** Rights of a role that are more than these calls take: for other things, or of too high an access. */
export function excessOf(rights: readonly OntapRight[], calls: readonly RatedCall[]): readonly OntapRight[] {
  return rights.filter((right) => {
    if (right.access === 'none') return false
    const own = calls.filter((call) => decisiveFor(rights, call) === right)
    if (own.length === 0 || own.every(({ to }) => to !== right.to && covers(right.to, to))) return true
    const least = leastFor(own.map(({ use }) => use))
    return USES[right.access].length > USES[least].length
  })
}

function decisiveFor(rights: readonly OntapRight[], { path }: RatedCall): OntapRight | undefined {
  return rights
    .filter(({ to }) => covers(to, path))
    .reduce<OntapRight | undefined>(
      (best, right) => (best && partsOf(best.to).length >= partsOf(right.to).length ? best : right),
      undefined,
    )
}

function covers(to: string, path: string): boolean {
  const [above, below] = [partsOf(to), partsOf(path)]
  return above.every((part, index) => index < below.length && (part === '*' || part === below[index]))
}

/** Roles have `DEFAULT` for all commands. */
function partsOf(path: string): readonly string[] {
  return path === 'DEFAULT' ? [] : path.split(path.startsWith('/') ? '/' : ' ').filter((part) => part !== '')
}

/** What each access allows. `run` has no level between nothing and all. */
const USES: Readonly<Record<Access, readonly Use[]>> = {
  none: [],
  readonly: ['read'],
  read_create: ['read', 'create'],
  read_modify: ['read', 'modify'],
  read_create_modify: ['read', 'create', 'modify'],
  all: ['read', 'create', 'modify', 'remove', 'run'],
}

/** In the order of how much they allow. */
const LEVELS = Object.keys(USES) as readonly Access[]

function leastFor(uses: readonly Use[]): Access {
  return LEVELS.find((level) => uses.every((use) => includes(level, use))) ?? 'all'
}

function includes(access: Access, use: Use): boolean {
  return USES[access].includes(use)
}

/** A role's line as an administrator types it. */
export function grantOf(dialect: OntapDialect, { to, access }: OntapRight, role: string, vserver?: string): string {
  const place = vserver === undefined ? '' : ` -vserver ${quoted(vserver)}`
  return dialect === 'rest'
    ? `security login rest-role create${place} -role ${quoted(role)} -api ${to} -access ${access}`
    : `security login role create${place} -role ${quoted(role)} -cmddirname "${to}" -access ${access}`
}

/** As ONTAP's command line takes a word; on one line, whatever it is. */
export function quoted(word: string): string {
  if (/^[A-Za-z0-9_.-]+$/.test(word)) return word
  return `"${word.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&')}"`
}
