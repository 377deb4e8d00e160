/** What the array derives from a volume's number and name. */

import type { ElementArray, Volume } from './state.ts'

/** `iqn.2010-01.com.solidfire:jyay.data.5` */
export function iqnOf({ identity }: ElementArray, { name, volumeID }: Volume): string {
  return `iqn.2010-01.com.solidfire:${identity.uniqueID}.${name.toLowerCase()}.${volumeID}`
}

/** 32 hex digits: NAA 6 and the company's number, 8 zeros, the array's ID in ASCII, the volume's number. */
export function naaOf({ identity }: ElementArray, { volumeID }: Volume): string {
  return `6f47acc100000000${asciiHex(identity.uniqueID)}${eightHex(volumeID)}`
}

export function euiOf({ identity }: ElementArray, { volumeID }: Volume): string {
  return `${asciiHex(identity.uniqueID)}${eightHex(volumeID)}f47acc0100000000`
}

function asciiHex(text: string): string {
  return Buffer.from(text, 'ascii').toString('hex')
}

function eightHex(number: number): string {
  return number.toString(16).padStart(8, '0')
}
