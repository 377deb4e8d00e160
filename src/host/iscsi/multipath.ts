/** Multipath maps, from sysfs; and the few things only their programs can do. */

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { HostError, hasCode } from '../../errors.ts'
import type { Finished, Run } from '../../run.ts'
import { lastWordsOf } from '../command.ts'
import type { Places } from './places.ts'
import { holdersOf } from './scsi.ts'
import { namesIn, readAttribute } from './sysfs.ts'

export interface MultipathMap {
  /** The kernel's name: `dm-3`. */
  readonly kernelName: string
  /** What device mapper, `/dev/mapper` and the programs call it: `mpatha`. */
  readonly name: string
  /** `mpath-` and the WWID. */
  readonly uuid: string
  /** `major:minor`. */
  readonly number: string
}

/** Maps of the disk with this NAA, with or without paths. */
export async function mapsOf(places: Places, naa: string): Promise<readonly MultipathMap[]> {
  const names = (await namesIn(places.sys, 'block')).filter((name) => name.startsWith('dm-'))
  const maps = await Promise.all(names.map((name) => readMap(places, name)))
  return maps.filter((map) => map !== undefined && isOf(map, naa)) as readonly MultipathMap[]
}

/** Undefined for a device-mapper device of another kind, such as LVM's. */
export async function readMap({ sys }: Places, kernelName: string): Promise<MultipathMap | undefined> {
  const directory = join(sys, 'block', kernelName)
  const [uuid, name, number] = await Promise.all([
    readAttribute(directory, 'dm/uuid'),
    readAttribute(directory, 'dm/name'),
    readAttribute(directory, 'dev'),
  ])
  if (!uuid?.startsWith(UUID_PREFIX) || name === undefined || number === undefined) return undefined
  return { kernelName, name, uuid, number }
}

/** The multipath map made of this disk; undefined when there is none. */
export async function mapOver(places: Places, disk: string): Promise<MultipathMap | undefined> {
  const holders = await holdersOf(places, disk)
  const maps = await Promise.all(holders.map((name) => readMap(places, name)))
  return maps.find((map) => map !== undefined)
}

/** True when the map is of the disk with this NAA: a WWID is the type of the name, 3, and the NAA. */
export function isOf({ uuid }: Pick<MultipathMap, 'uuid'>, naa: string): boolean {
  return isUuidOf(uuid, naa)
}

export function isUuidOf(uuid: string, naa: string): boolean {
  return uuid.toLowerCase() === `${UUID_PREFIX}3${naa}`
}

/** Names of the map's paths. */
export function pathsOf({ sys }: Places, { kernelName }: MultipathMap): Promise<readonly string[]> {
  return namesIn(sys, 'block', kernelName, 'slaves')
}

/** Never asks multipathd itself: where systemd listens for it, asking would start it. */
export async function isMultipathdRunning({ multipathdPid }: Places): Promise<boolean> {
  const pid = await readAttribute(multipathdPid)
  return pid !== undefined && /^\d+$/.test(pid) && (await stat(`/proc/${pid}`).catch(() => undefined)) !== undefined
}

export interface MultipathTools {
  /** True when multipathd's configuration lets it make a map of this disk. */
  wants(ctx: Context, node: string): Promise<boolean>

  /** Makes the map as large as its paths. @returns what was said against it; undefined when that is done */
  resize(ctx: Context, map: MultipathMap): Promise<string | undefined>

  /** Has I/O without a path fail, rather than wait for one: without that, nothing here would end. */
  stopQueueing(ctx: Context, map: MultipathMap): Promise<void>

  /** Removes exactly this map. @returns what was said against it; undefined when that is done */
  flush(ctx: Context, map: MultipathMap): Promise<string | undefined>
}

export function multipathTools(run: Run): MultipathTools {
  /** A machine without the program, and one whose program is too old to know, say no. */
  const attempt = async (ctx: Context, program: string, args: readonly string[]): Promise<Finished> => {
    try {
      return await run(ctx, program, args, { accept: FAULTS })
    } catch (error) {
      if (!hasCode(error, 'TOOL_MISSING', 'COMMAND_TIMEOUT')) throw error
      return { exitCode: 1, stdout: '', stderr: error.message }
    }
  }

  return {
    wants: async (ctx, node) => (await attempt(ctx, 'multipath', ['-c', node])).exitCode === 0,

    async resize(ctx, { name }) {
      const finished = await attempt(ctx, 'multipathd', ['resize', 'map', name])
      const done = finished.exitCode === 0 && !/^fail/m.test(finished.stdout)
      return done ? undefined : lastWordsOf(finished)
    },

    async stopQueueing(ctx, { name }) {
      await attempt(ctx, 'dmsetup', ['message', name, '0', 'fail_if_no_path'])
    },

    async flush(ctx, { name }) {
      const finished = await attempt(ctx, 'multipath', ['-f', name])
      if (finished.exitCode === 0) return undefined
      // It may refuse a map that it does not know any more, such as one without paths.
      const removed = await attempt(ctx, 'dmsetup', ['remove', name])
      return removed.exitCode === 0 || NO_SUCH_MAP.test(removed.stderr) ? undefined : lastWordsOf(finished)
    },
  }
}

/** @throws HostError DEVICE_MISMATCH when the disk is held by a map of another identity. */
export function ensureMapOf(map: MultipathMap, disk: string, naa: string): void {
  if (isOf(map, naa)) return
  throw new HostError(
    'DEVICE_MISMATCH',
    `Did not touch ${disk}: the disk is naa.${naa}, and the multipath map ${map.name} that holds it is ${map.uuid}. The map is left of an earlier disk: once nothing uses it, remove it with "multipath -f ${map.name}", and try again.`,
  )
}

const UUID_PREFIX = 'mpath-'

/** Neither program has codes that tell more than that it failed. */
const FAULTS = [1, 2, 3, 4, 5, 255]

const NO_SUCH_MAP = /No such device|not found/
