/** From paths to the one device that is mounted: their multipath map, or the disk itself where there is none. */

import type { Context } from '../../context.ts'
import { HostError } from '../../errors.ts'
import type { IscsiPublication } from '../../publication.ts'
import { waitForNode } from './device-node.ts'
import { isDeviceInUse } from './in-use.ts'
import { ensureMapOf, isMultipathdRunning, type MultipathMap, mapOver } from './multipath.ts'
import type { Disk } from './scsi.ts'
import { namesIn, poll } from './sysfs.ts'
import type { IscsiTools } from './tools.ts'

/**
 * The map of these paths, which is waited for where multipathd will make one; or else one of the paths.
 *
 * @throws HostError DEVICE_MISMATCH when a map of another identity holds one of them
 */
export async function gather(
  tools: IscsiTools,
  ctx: Context,
  { target, naa }: IscsiPublication,
  disks: readonly Disk[],
): Promise<Disk | MultipathMap> {
  const { patience } = tools
  const found = await mapsOver(tools, disks, naa)
  if (!found.some((map) => map !== undefined) && !(await willBeMapped(tools, ctx, disks))) {
    return plain(tools, ctx, target, disks)
  }

  const limits = { pollMs: patience.pollMs, limitMs: patience.mapMs }
  const map = await poll(ctx, limits, async () => {
    const maps = await mapsOver(tools, disks, naa)
    return maps.every((map) => map?.kernelName === maps[0]?.kernelName) ? maps[0] : undefined
  })
  if (map) return map

  const [first, other] = distinct(await mapsOver(tools, disks, naa))
  if (other) throw torn(naa, first!, other)
  if (!first) {
    ctx.log.warn('multipathd made no map in time; the volume is used on one path.', { target, naa })
    return plain(tools, ctx, target, disks)
  }
  ctx.log.warn('Not all paths are in the multipath map; it is used with those that are.', { target, map: first.name })
  return first
}

function mapsOver({ places }: IscsiTools, disks: readonly Disk[], naa: string) {
  return Promise.all(
    disks.map(async ({ name }) => {
      const map = await mapOver(places, name)
      if (map) ensureMapOf(map, `/dev/${name}`, naa)
      return map
    }),
  )
}

/** A disk that is mounted as it is stays so. */
async function willBeMapped(tools: IscsiTools, ctx: Context, disks: readonly Disk[]): Promise<boolean> {
  const { places, multipath } = tools
  if (!(await isMultipathdRunning(places)) || (await inUseOf(tools, disks))) return false
  const [disk] = disks as [Disk]
  const node = await waitForNode(tools, ctx, disk, disk.name)
  await waitForUdev(tools, ctx, disk)
  return multipath.wants(ctx, node.path)
}

/**
 * multipath knows a disk by what udev has found out about it, and says no before. Where udev is busy, multipathd would
 * then take a disk that is used already.
 */
async function waitForUdev({ places, patience }: IscsiTools, ctx: Context, { number }: Disk): Promise<void> {
  if ((await namesIn(places.udevData)).length === 0) return
  const limits = { pollMs: patience.pollMs, limitMs: patience.nodeMs }
  await poll(ctx, limits, async () => ((await namesIn(places.udevData)).includes(`b${number}`) ? true : undefined))
}

async function plain(tools: IscsiTools, ctx: Context, target: string, disks: readonly Disk[]): Promise<Disk> {
  if (disks.length > 1) {
    ctx.log.warn(
      'The volume has several paths and no multipath map: it is used on one, without another to fall back on.',
      {
        target,
        paths: disks.map(({ name }) => name).join(' '),
      },
    )
  }
  return (await inUseOf(tools, disks)) ?? disks[0]!
}

async function inUseOf({ places }: IscsiTools, disks: readonly Disk[]): Promise<Disk | undefined> {
  for (const disk of disks) {
    if (await isDeviceInUse(places, disk.name)) return disk
  }
  return undefined
}

function distinct(maps: readonly (MultipathMap | undefined)[]): readonly MultipathMap[] {
  return [...new Map(maps.flatMap((map) => (map ? [[map.kernelName, map] as const] : []))).values()]
}

function torn(naa: string, one: MultipathMap, other: MultipathMap): HostError {
  return new HostError(
    'DEVICE_MISMATCH',
    `Did not touch the disk naa.${naa}: its paths are in two multipath maps, ${one.name} and ${other.name}. Once nothing uses them, remove both with "multipath -f", and try again.`,
  )
}
