/**
 * Names on an Element cluster: 1 to 64 letters, digits and `-`, which need not be unique.
 *
 * The name that counts is Docker's, which is kept with the volume as attribute `docker-name`. The array's own is for
 * people, and for asking: of all volumes with that name, the one with the wanted attribute is meant. nDVP (from 1.3.1)
 * and Trident do the same, with `_` as the only character they replace.
 *
 * Volumes of nDVP 1.3.0 are *elsewhere*: they have no attribute, and a prefix in the array's name. They are known by what
 * follows it, as long as no volume is in that name's own place. A copy that somebody made on the array has its source's
 * attributes under a name of its own: it is known by that, and counts as somebody else's.
 */

import type { ElementVolume } from '../../backends/element/element.ts'
import type { ArrayName } from '../../names.ts'
import { DOCKER_NAME } from './marks.ts'

export interface NameSettings {
  /** What stands before the Docker name in this instance's names; empty but in tests. */
  readonly prefix: string
  /** What stood before it in the array names of nDVP 1.3.0; empty for not looking for those. */
  readonly legacyPrefix: string
}

/** The array's name for a volume: what it cannot say becomes `-`, and what is too long ends in a hash of the whole. */
export function elementNameOf(name: string): string {
  const spoken = name.replace(/[^A-Za-z0-9-]/g, '-')
  if (spoken.length <= MAX_LENGTH) return spoken
  const { createHash } = process.getBuiltinModule('node:crypto')
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH)
  return `${spoken.slice(0, MAX_LENGTH - HASH_LENGTH - 1)}-${hash}`
}

const MAX_LENGTH = 64
const HASH_LENGTH = 8

/** The name of a volume that is in its place, or has no better one than the array's. */
export function ownNameOf(volume: ElementVolume, settings: NameSettings): ArrayName {
  const told = toldNameOf(volume, settings)
  return told !== undefined && elementNameOf(told) === volume.name ? told : (volume.name as ArrayName)
}

/** The name by which a volume elsewhere is looked for; undefined for one that is in its place. */
export function nameElsewhereOf(volume: ElementVolume, settings: NameSettings): ArrayName | undefined {
  const told = toldNameOf(volume, settings)
  return told === undefined || elementNameOf(told) === volume.name ? undefined : told
}

/** True for a volume whose attributes tell another volume's name. */
export function isCopyOfAnother(volume: ElementVolume, settings: NameSettings): boolean {
  return typeof volume.attributes[DOCKER_NAME] === 'string' && toldNameOf(volume, settings) === undefined
}

/**
 * What the volume's attributes say, if that leads to its name on the array, with or without the prefix of old; or else
 * its name, if nDVP 1.3.0 made it.
 */
function toldNameOf({ name, attributes }: ElementVolume, settings: NameSettings): ArrayName | undefined {
  const { prefix, legacyPrefix } = settings
  const kept = attributes[DOCKER_NAME]
  if (typeof kept === 'string') {
    const leads = [prefix + kept, legacyPrefix + kept].some((told) => elementNameOf(told) === name)
    return leads ? (`${prefix}${kept}` as ArrayName) : undefined
  }
  if (legacyPrefix === '' || !name.startsWith(legacyPrefix) || name === legacyPrefix) return undefined
  return `${prefix}${name.slice(legacyPrefix.length)}` as ArrayName
}

/** Every name with the volumes that answer to it; more than one is for people to sort out. */
export function catalogueOf(
  volumes: readonly ElementVolume[],
  settings: NameSettings,
): ReadonlyMap<ArrayName, readonly ElementVolume[]> {
  const catalogue = new Map<ArrayName, ElementVolume[]>()
  const add = (name: ArrayName, volume: ElementVolume) => {
    const known = catalogue.get(name)
    if (known) known.push(volume)
    else catalogue.set(name, [volume])
  }
  const elsewhere = volumes.filter((volume) => nameElsewhereOf(volume, settings) !== undefined)
  const strayed = new Set(elsewhere)
  for (const volume of volumes) if (!strayed.has(volume)) add(ownNameOf(volume, settings), volume)
  const taken = new Set(catalogue.keys())
  for (const volume of elsewhere) {
    const name = nameElsewhereOf(volume, settings)!
    add(taken.has(name) ? ownNameOf(volume, settings) : name, volume)
  }
  return catalogue
}
