/** Making a disk, on every path and in its map, as large as the array has made the volume. */

import type { Context } from '../../context.ts'
import { HostError } from '../../errors.ts'
import type { IscsiPublication } from '../../publication.ts'
import { printSize } from '../../units.ts'
import type { MultipathMap } from './multipath.ts'
import { type Disk, rescan, sizeIn } from './scsi.ts'
import { poll } from './sysfs.ts'
import type { IscsiTools } from './tools.ts'

/** @throws HostError DEVICE_MISMATCH when a path, or the map, stays of another size */
export async function fitAll(
  tools: IscsiTools,
  ctx: Context,
  publication: IscsiPublication,
  disks: readonly Disk[],
  map: MultipathMap | undefined,
): Promise<void> {
  // All must agree before multipathd takes the new size.
  await Promise.all(disks.map((disk) => fitDisk(tools, ctx, publication, disk)))
  if (map) await fitMap(tools, ctx, publication, map)
}

async function fitDisk(tools: IscsiTools, ctx: Context, publication: IscsiPublication, disk: Disk): Promise<void> {
  await waitForSize(tools, ctx, publication, disk.name, async () => {
    await rescan(tools.run, ctx, disk)
    return undefined
  })
}

async function fitMap(tools: IscsiTools, ctx: Context, publication: IscsiPublication, map: MultipathMap) {
  await waitForSize(tools, ctx, publication, map.kernelName, () => tools.multipath.resize(ctx, map))
}

/** Tries again and again, since another path, or the array itself, may be late. */
async function waitForSize(
  { places, patience }: IscsiTools,
  ctx: Context,
  { size }: IscsiPublication,
  name: string,
  grow: () => Promise<string | undefined>,
): Promise<void> {
  let reason: string | undefined
  const limits = { pollMs: patience.pollMs * TRY_EVERY, limitMs: patience.sizeMs }
  const done = await poll(ctx, limits, async () => {
    if ((await sizeIn(places, name)) === size) return true
    reason = await grow()
    const now = await sizeIn(places, name)
    if (now === size) return true
    // Volumes only grow: what is larger already will not become right.
    return now === undefined || now > size ? false : undefined
  })
  if (done) return
  const found = await sizeIn(places, name)
  if (found === undefined) throw new HostError('DEVICE_MISSING', `The disk /dev/${name} went away. Try again.`)
  throw new HostError(
    'DEVICE_MISMATCH',
    `Did not touch /dev/${name}: it has ${found} bytes (${printSize(found)}), and the volume ${size} (${printSize(size)})${reason ? `; multipathd said: ${reason}` : ''}. If the volume was resized just now, try again; else see "multipath -ll" for a path that is down.`,
  )
}

const TRY_EVERY = 5
