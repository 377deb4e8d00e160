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
 */
export function arrayNameOf(name: VolumeName, prefix: string, rule: NameRule): ArrayName {
  const plain = prefix + name
  const spoken = rule.refused ? plain.replace(new RegExp(rule.refused, 'g'), rule.substitute ?? '_') : plain
  if (spoken === plain && plain.length <= rule.maxLength) return plain as ArrayName

  // Loaded when needed: that takes 4 ms, which each start would pay.
  const { createHash } = process.getBuiltinModule('node:crypto')
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH)
  const joint = rule.hashMark ?? rule.substitute ?? '_'
  return `${spoken.slice(0, rule.maxLength - joint.length - HASH_LENGTH)}${joint}${hash}` as ArrayName
}

/** The Docker name of a volume on the array that does not say its own; undefined when the prefix is not ours. */
export function volumeNameOf(name: ArrayName, prefix: string): VolumeName | undefined {
  if (!name.startsWith(prefix)) return undefined
  const rest = name.slice(prefix.length)
  return faultOf(rest) === undefined ? (rest as VolumeName) : undefined
}
