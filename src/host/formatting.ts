/** The decision to make a filesystem: the one act here that can destroy data. */

import type { Context } from '../context.ts'
import { Defect, HostError } from '../errors.ts'
import type { Filesystem, Format } from '../publication.ts'
import type { Bytes } from '../units.ts'
import { type BlockDevice, ensureSize, looksBlank, readHead, waitUntilFree } from './block-device.ts'
import type { Filesystems, Signature } from './filesystem.ts'
import { parseSuperblock, SUPERBLOCK_REACH, type Superblock } from './superblock.ts'

/** A device, what is to become of it, and what is known of its past. */
export interface Candidate {
  readonly device: BlockDevice
  /** The volume's. */
  readonly size: Bytes
  readonly filesystem: Filesystem
  readonly format: Format
  /** This host, as a record of `formatting` names it. */
  readonly host: string
}

/**
 * What a device that may be formatted carries.
 *
 * - `blank`: nothing.
 * - `begun`: what an interrupted mkfs of ours wrote before it came to the superblock.
 * - `ours`: a filesystem of the wanted type with the recorded UUID, finished or not, that nobody has mounted yet.
 */
export type Formattable = 'blank' | 'begun' | 'ours'

/**
 * Proves that the device may be formatted, in the order of suspicion: it has the published size, nothing holds it,
 * blkid answers that it knows nothing on it, and it reads as zeros where data would show.
 *
 * @throws HostError DEVICE_MISMATCH | DEVICE_IN_USE | DEVICE_NOT_BLANK | DEVICE_MISSING; Defect for a `ready` volume
 */
export async function proveFormattable(ctx: Context, tool: Filesystems, candidate: Candidate): Promise<Formattable> {
  const { device, size } = candidate
  await ensureSize(device, size)
  await waitUntilFree(ctx, device)
  const signature = await tool.identify(ctx, device)
  const zeros = await looksBlank(device, size)
  return judge({ signature, zeros }, candidate)
}

/**
 * Leaves the wanted filesystem, with this UUID, on a device that proveFormattable accepts.
 *
 * A finished filesystem of ours is kept. An unfinished one loses its signature first, and only that, by wipefs: mkfs
 * without its force flag accepts the device then, and a crash in between leaves what counts as `begun`.
 *
 * @throws HostError as proveFormattable; COMMAND_FAILED | COMMAND_TIMEOUT | TOOL_MISSING
 */
export async function format(ctx: Context, tool: Filesystems, candidate: Candidate, uuid: string): Promise<void> {
  const { device, filesystem, format } = candidate
  if (format.state === 'formatting' && !sameUuid(format.uuid, uuid)) {
    throw new Defect(`Asked to format ${device.label} with UUID ${uuid}, but ${format.uuid} is recorded for it.`)
  }
  const found = await proveFormattable(ctx, tool, candidate)
  if (found === 'ours') {
    const { complete } = await superblockOf(device, filesystem, uuid)
    if (complete && (await tool.isSound(ctx, device, filesystem))) return
    await tool.erase(ctx, device, filesystem)
  }
  await tool.make(ctx, device, filesystem, uuid)
  await superblockOf(device, filesystem, uuid)
}

export interface Evidence {
  /** What blkid answered. */
  readonly signature: Signature | undefined
  /** The device reads as zeros wherever data would show. */
  readonly zeros: boolean
}

/**
 * What the evidence allows, given what was recorded. Only these may be written to:
 *
 * | recorded                | blkid answers | bytes    | allowed as |
 * |-------------------------|---------------|----------|------------|
 * | new, or formatting here | nothing       | zeros    | blank      |
 * | formatting here         | nothing       | anything | begun      |
 * | formatting here         | that very one | anything | ours       |
 *
 * The second row is safe because `formatting` was recorded after the device was proved blank, and nobody mounts it
 * before `ready` is recorded: what it carries is mkfs's. It holds on the recording host alone, since another host's
 * mkfs may be at work this moment.
 *
 * @throws HostError DEVICE_IN_USE | DEVICE_NOT_BLANK; Defect
 */
export function judge({ signature, zeros }: Evidence, candidate: Candidate): Formattable {
  const { device, filesystem, format, host } = candidate
  if (format.state === 'ready') throw new Defect(`Asked to format ${device.label}, which was formatted before.`)
  if (format.state === 'formatting' && format.host !== host) throw begunElsewhere(device, format.host, host)
  const begunHere = format.state === 'formatting'
  if (signature) {
    if (begunHere && isExactly(signature, filesystem, format.uuid)) return 'ours'
    throw notBlank(device, `it carries ${describe(signature)}`)
  }
  if (zeros) return 'blank'
  if (begunHere) return 'begun'
  throw notBlank(device, 'it holds data, though nothing that blkid knows')
}

/** The words for what blkid found, for a message. */
export function describe({ type, uuid, partitionTable, ambivalent }: Signature): string {
  if (ambivalent) return 'signatures of several kinds'
  const content = type && (uuid ? `${type} with UUID ${uuid}` : type)
  return [content, partitionTable && `a ${partitionTable} partition table`].filter(Boolean).join(' and ') || 'data'
}

function isExactly({ type, uuid, partitionTable, ambivalent }: Signature, wanted: Filesystem, wantedUuid: string) {
  return !ambivalent && partitionTable === undefined && type === wanted && sameUuid(uuid ?? '', wantedUuid)
}

async function superblockOf(device: BlockDevice, type: Filesystem, uuid: string): Promise<Superblock> {
  const superblock = parseSuperblock(await readHead(device, SUPERBLOCK_REACH))
  if (superblock?.type === type && sameUuid(superblock.uuid, uuid)) return superblock
  throw new HostError(
    'FILESYSTEM_MISMATCH',
    `Looked for ${type} with UUID ${uuid} on ${device.label} and found ${superblock ? describe({ ...superblock, ambivalent: false }) : 'no filesystem'}. See "dmesg" for faults of the device.`,
  )
}

function sameUuid(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function notBlank(device: BlockDevice, found: string): HostError {
  return new HostError(
    'DEVICE_NOT_BLANK',
    `Did not format ${device.label}: ${found}. If that is wanted, copy it elsewhere; if not, remove the volume and create it again.`,
  )
}

function begunElsewhere(device: BlockDevice, other: string, host: string): HostError {
  return new HostError(
    'DEVICE_IN_USE',
    `Did not format ${device.label} on host "${host}": host "${other}" began to format it and may still be at it. Mount the volume on "${other}" once. If that host is gone, look at what the disk holds before anything else; a volume that was never mounted holds nothing, and can be removed and created again.`,
  )
}
