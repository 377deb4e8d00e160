/** Volume names: what Docker says, what the array says, and the one way between them. */

import { RequestError } from './errors.ts'

/** A name as Docker says it, checked. */
export type VolumeName = string & { readonly [volumeNameBrand]: true }
declare const volumeNameBrand: unique symbol

/** A name as the array says it: prefix included, in the array's own characters. */
export type ArrayName = string & { readonly [arrayNameBrand]: true }
declare const arrayNameBrand: unique symbol

/** What an array takes as a volume name. */
export interface NameRule {
  /** Characters, prefix included. */
  readonly maxLength: number
  /** A character that the array refuses, as a pattern without flags; each becomes `substitute`. */
  readonly refused?: RegExp
  readonly substitute?: string
  /**
   * Goes before the hash of a name that cannot be said in full. Where the array takes a character that Docker names
   * lack, no name can be taken for another's; else that one, `_`, is only unlikely to, and drivers must look.
   */
  readonly hashMark?: string
  /** Goes before a name whose first character the array refuses. */
  readonly first?: { readonly refused: RegExp; readonly lead: string }
  /** Where nothing beside the volume can keep its Docker name, one that is too long for the array is refused. */
  readonly overlong?: 'refuse'
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/
const MIN_LENGTH = 2
const MAX_LENGTH = 255

/**
 * Checks a name that came from Docker, which itself checks nothing for plugins.
 *
 * @throws RequestError NAME_INVALID
 */
export function parseVolumeName(text: string): VolumeName {
  const fault = faultOf(text)
  if (fault === undefined) return text as VolumeName
  throw new RequestError(
    'NAME_INVALID',
    `Volume name ${printable(text)} ${fault}. Use ${MIN_LENGTH} to ${MAX_LENGTH} letters, digits, "_", "." and "-", beginning with a letter or digit.`,
  )
}

function faultOf(text: string): string | undefined {
  if (text.length < MIN_LENGTH) return text === '' ? 'is empty' : 'is too short (Docker takes one letter for a drive)'
  if (text.length > MAX_LENGTH) return `has ${text.length} characters`
  if (NAME.test(text)) return undefined
  const [first = ''] = text
  if (!/[A-Za-z0-9]/.test(first)) return `begins with ${printable(first)}`
  const [refused = ''] = text.replace(/[A-Za-z0-9_.-]/g, '')
  return `has the character ${printable(refused)}`
}

/** Quoted and escaped, cut to a length fit for a message. */
function printable(text: string): string {
  const characters = [...text]
  return JSON.stringify(characters.length > 60 ? `${characters.slice(0, 60).join('')}…` : text)
}

const HASH_LENGTH = 8

/**
 * The array's name for a Docker name: prefix and name where the array can say them; else refused characters are
 * substituted, the rest is cut, and a short hash of the full name keeps different names different.
 * The Docker name itself is kept on the array beside the volume, which makes the way back exact.
 *
 * @throws RequestError NAME_INVALID for one that is too long, if the rule says so
 */
export function arrayNameOf(name: VolumeName, prefix: string, rule: NameRule): ArrayName {
  const plain = prefix + name
  const spoken = speak(plain, rule)
  if (rule.overlong === 'refuse' && plain.length > rule.maxLength) throw tooLong(name, prefix, rule)
  // What the prefix alone cannot say is the same in every name.
  if (spoken === speak(prefix, rule) + name && spoken.length <= rule.maxLength) return spoken as ArrayName

  // Loaded when needed: that takes 4 ms, which each start would pay.
  const { createHash } = process.getBuiltinModule('node:crypto')
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH)
  const joint = rule.hashMark ?? rule.substitute ?? '_'
  return `${spoken.slice(0, rule.maxLength - joint.length - HASH_LENGTH)}${joint}${hash}` as ArrayName
}

/** What the names of an instance's volumes begin with on the array. */
export function arrayPrefixOf(prefix: string, rule: NameRule): string {
  return prefix === '' ? '' : speak(prefix, rule)
}

/** The same in characters that the array takes; its length may be too much yet. */
function speak(plain: string, { refused, substitute = '_', first }: NameRule): string {
  const spoken = refused ? plain.replace(new RegExp(refused, 'g'), substitute) : plain
  return first?.refused.test(spoken) ? first.lead + spoken : spoken
}

function tooLong(name: VolumeName, prefix: string, { maxLength }: NameRule): RequestError {
  return new RequestError(
    'NAME_INVALID',
    `Volume ${name} name exceeds the limit of ${maxLength} characters. With the prefix "${prefix}" it has ${prefix.length + name.length}; choose a shorter name, or another driver.`,
  )
}

/**
 * The Docker name of a volume on the array that does not say its own; undefined when the prefix is not ours.
 *
 * @param prefix as arrayPrefixOf has it
 */
export function volumeNameOf(name: ArrayName, prefix: string): VolumeName | undefined {
  if (!name.startsWith(prefix)) return undefined
  const rest = name.slice(prefix.length)
  return faultOf(rest) === undefined ? (rest as VolumeName) : undefined
}
