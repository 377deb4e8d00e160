/** LUNs and their disks, as the kernel shows them in sysfs: found, identified, scanned for, reread and removed. */

import { readFile, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Context } from '../../context.ts'
import type { Run } from '../../run.ts'
import type { Bytes } from '../../units.ts'
import type { Places } from './places.ts'
import type { Session } from './sessions.ts'
import { namesIn, readAttribute, writeAttribute } from './sysfs.ts'

/** One path to a LUN. */
export interface Disk {
  /** The kernel's name: `sdb`. */
  readonly name: string
  /** `major:minor`. */
  readonly number: string
  /** Of its LUN in sysfs: `…/host2/session1/target2:0:0/2:0:0:0`. */
  readonly directory: string
}

/** The disk of a LUN of this session; undefined while the kernel has none. */
export async function diskAt(session: Session, lun: number): Promise<Disk | undefined> {
  return (await disksOf(session)).find(({ directory }) => basename(directory).endsWith(`:${lun}`))
}

/** All disks of a session. */
export async function disksOf({ directory }: Session): Promise<readonly Disk[]> {
  const luns = await lunsOf(directory)
  return (await Promise.all(luns.map(diskIn))).filter((disk) => disk !== undefined)
}

/** True while the kernel knows any LUN of this session, whether or not it is a disk. */
export async function hasLuns({ directory }: Session): Promise<boolean> {
  return (await lunsOf(directory)).length > 0
}

/** Every disk of this machine with this NAA, by what the kernel remembers of them. */
export async function disksWith(places: Places, naa: string): Promise<readonly Disk[]> {
  const names = (await namesIn(places.sys, 'block')).filter((name) => name.startsWith('sd'))
  const disks = await Promise.all(
    names.map(async (name) => {
      const disk = await diskNamed(places, name)
      return disk && (await naasOf(disk.directory)).includes(naa) ? disk : undefined
    }),
  )
  return disks.filter((disk) => disk !== undefined)
}

/** The disk of this name; undefined once it is gone. */
export async function diskNamed({ sys }: Places, name: string): Promise<Disk | undefined> {
  const directory = await realpath(join(sys, 'block', name, 'device')).catch(() => undefined)
  return directory === undefined ? undefined : diskIn(directory)
}

/**
 * The NAAs a LUN goes by, in lower case; none when it did not say.
 *
 * Both sources are what the kernel read when it found or last rescanned the LUN. `wwid` shows one name and prefers some
 * kinds to others, page 83 has them all; a kernel may have only one of the two.
 */
export async function naasOf(directory: string): Promise<readonly string[]> {
  const page = await readFile(join(directory, 'vpd_pg83')).catch(() => Buffer.alloc(0))
  const wwid = await readAttribute(directory, 'wwid')
  return [...parseNaas(page), ...(wwid?.startsWith('naa.') ? [wwid.slice('naa.'.length).toLowerCase()] : [])]
}

/**
 * Reads the NAAs out of VPD page 83, which is a header of 4 bytes, the last two of them the length of the rest, and
 * descriptors: code set; association in bits 4 and 5, 0 for the LUN itself, and type in bits 0 to 3, 3 for NAA; a
 * reserved byte; the length of the rest; the name.
 *
 * @see SPC-4, 7.8.6
 */
export function parseNaas(page: Uint8Array): readonly string[] {
  const found: string[] = []
  const end = Math.min(page.length, 4 + (page[2] ?? 0) * 256 + (page[3] ?? 0))
  for (let at = 4; at + 4 <= end; at += 4 + page[at + 3]!) {
    const name = page.subarray(at + 4, at + 4 + page[at + 3]!)
    if ((page[at + 1]! & 0x3f) === NAA_OF_LUN && at + 4 + page[at + 3]! <= end)
      found.push(Buffer.from(name).toString('hex'))
  }
  return found
}

/** `running` is the one in which a disk takes commands: others are `offline`, `blocked`, `transport-offline`. */
export async function stateOf({ directory }: Disk): Promise<string> {
  return (await readAttribute(directory, 'state')) ?? 'gone'
}

/** In bytes; undefined once the disk is gone. `name` is also that of a multipath map: `dm-3`. */
export async function sizeIn({ sys }: Places, name: string): Promise<Bytes | undefined> {
  const sectors = await readAttribute(sys, 'block', name, 'size')
  return sectors === undefined ? undefined : ((Number(sectors) * SYSFS_SECTOR) as Bytes)
}

/** Names of devices that are made of this one. */
export function holdersOf({ sys }: Places, name: string): Promise<readonly string[]> {
  return namesIn(sys, 'block', name, 'holders')
}

/** Has the kernel look for exactly this LUN. */
export async function scan(run: Run, ctx: Context, { sys }: Places, session: Session, lun: number): Promise<void> {
  const path = join(sys, 'class/scsi_host', `host${session.host}`, 'scan')
  await writeAttribute(run, ctx, path, `${session.scsiTarget} ${lun}`)
}

/** Has the kernel read size and identity anew. */
export async function rescan(run: Run, ctx: Context, { directory }: Disk): Promise<void> {
  await writeAttribute(run, ctx, join(directory, 'rescan'), '1')
}

/** Takes the disk from this machine; nothing is sent to the array but what is unwritten. One that is gone is fine. */
export async function removeDisk(run: Run, ctx: Context, { directory }: Disk): Promise<void> {
  await writeAttribute(run, ctx, join(directory, 'delete'), '1')
}

export async function isThere({ directory }: Disk): Promise<boolean> {
  return (await readAttribute(directory, 'state')) !== undefined
}

const NAA_OF_LUN = 3

/** sysfs counts in these, whatever the device's own sectors are. */
const SYSFS_SECTOR = 512

async function lunsOf(session: string): Promise<readonly string[]> {
  const targets = (await namesIn(session)).filter((name) => name.startsWith('target'))
  const luns = await Promise.all(
    targets.map(async (target) => {
      const names = (await namesIn(session, target)).filter((name) => /^\d+:\d+:\d+:\d+$/.test(name))
      return names.map((name) => join(session, target, name))
    }),
  )
  return luns.flat()
}

/** Undefined for what is no disk, and while the kernel is still reading it in. */
async function diskIn(directory: string): Promise<Disk | undefined> {
  const [name] = await namesIn(directory, 'block')
  if (name === undefined) return undefined
  const number = await readAttribute(directory, 'block', name, 'dev')
  return number === undefined ? undefined : { name, number, directory }
}
