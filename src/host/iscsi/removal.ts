/** Taking a disk away from this machine: map, paths, and what they leave behind. */

import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { HostError, reasonOf } from '../../errors.ts'
import type { IscsiPublication } from '../../publication.ts'
import { answers } from './health.ts'
import { isDeviceInUse } from './in-use.ts'
import { type MultipathMap, mapsOf, pathsOf, readMap } from './multipath.ts'
import { diskNamed, disksWith, removeDisk } from './scsi.ts'
import { poll } from './sysfs.ts'
import type { IscsiTools } from './tools.ts'

/**
 * Removes the disk's map and paths. Paths whose session is lost are left to the logout, when there is one: the kernel
 * waits for the session before it removes them.
 *
 * @throws HostError DEVICE_IN_USE and nothing was removed; or what uses it has come meanwhile
 */
export async function removeDevices(
  tools: IscsiTools,
  ctx: Context,
  { naa, ownTarget }: IscsiPublication,
): Promise<void> {
  const { run, places } = tools
  const maps = await mapsOf(places, naa)
  const disks = await disksWith(places, naa)
  for (const { kernelName, name } of maps) await ensureUnused(tools, kernelName, name)
  for (const { name } of disks) await ensureUnused(tools, name, name)

  for (const map of maps) await removeMap(tools, ctx, map)
  for (const disk of disks) {
    if (await answers(disk)) await flushBuffers(tools, ctx, join(places.dev, disk.name))
    else if (ownTarget) continue
    await removeDisk(run, ctx, disk)
  }
}

/**
 * Waits until nothing of the disk is left, and removes a map that has outlived its paths.
 *
 * @throws HostError DEVICE_IN_USE
 */
export async function waitUntilRemoved(tools: IscsiTools, ctx: Context, { naa }: IscsiPublication): Promise<void> {
  const { places, patience } = tools
  const limits = { pollMs: patience.pollMs, limitMs: patience.vanishMs }
  const gone = await poll(ctx, limits, async () => {
    if ((await disksWith(places, naa)).length > 0) return undefined
    const [ghost] = await mapsOf(places, naa)
    if (ghost) await removeMap(tools, ctx, ghost)
    return ghost ? undefined : true
  })
  if (gone) return
  const names = (await disksWith(places, naa)).map(({ name }) => `/dev/${name}`)
  throw new HostError(
    'DEVICE_IN_USE',
    `The disk naa.${naa} (${names.join(', ') || 'its map'}) does not go away. Something has it open: find it with "fuser -v ${names.join(' ')}". The next request for this volume tries again.`,
  )
}

async function ensureUnused({ places }: IscsiTools, kernelName: string, name: string): Promise<void> {
  if (!(await isDeviceInUse(places, kernelName))) return
  throw new HostError(
    'DEVICE_IN_USE',
    `Left ${name} here: it is mounted, perhaps in a container, or part of another device. "lsblk /dev/${kernelName}" and "grep ${name} /proc/*/mountinfo" show where. It is removed with the next request for this volume once that has ended.`,
  )
}

async function removeMap(tools: IscsiTools, ctx: Context, map: MultipathMap): Promise<void> {
  const { places, patience, multipath } = tools
  // Else the flush would wait for a path for ever. What was unwritten went out with the unmount, or never will.
  if (await hasPath(tools, map)) await flushBuffers(tools, ctx, join(places.dev, 'mapper', map.name))
  else await multipath.stopQueueing(ctx, map)

  let reason: string | undefined
  const limits = { pollMs: patience.pollMs * TRY_EVERY, limitMs: patience.vanishMs }
  const gone = await poll(ctx, limits, async () => {
    reason = await multipath.flush(ctx, map)
    return (await isThere(tools, map)) ? undefined : true
  })
  if (gone) return
  throw new HostError(
    'DEVICE_IN_USE',
    `Cannot remove the multipath map ${map.name}${reason ? `: ${reason}` : ''}. Find what has it open with "fuser -v /dev/${map.kernelName}"; the next request for this volume tries again.`,
  )
}

/** udev looks into a device that has just changed, and has it open while it does. */
const TRY_EVERY = 3

async function hasPath({ places }: IscsiTools, map: MultipathMap): Promise<boolean> {
  for (const name of await pathsOf(places, map)) {
    const disk = await diskNamed(places, name)
    if (disk && (await answers(disk))) return true
  }
  return false
}

async function isThere({ places }: IscsiTools, { uuid, kernelName }: MultipathMap): Promise<boolean> {
  return (await readMap(places, kernelName))?.uuid === uuid
}

/** A disk that cannot take what is unwritten any more is removed all the same. */
async function flushBuffers({ run }: IscsiTools, ctx: Context, node: string): Promise<void> {
  try {
    await run(ctx, 'blockdev', ['--flushbufs', node], { timeoutMs: FLUSH_LIMIT_MS })
  } catch (error) {
    if (ctx.signal.aborted) throw error
    ctx.log.warn('Cannot flush a disk before its removal.', { node, reason: reasonOf(error) })
  }
}

const FLUSH_LIMIT_MS = 20_000
