/** Between a volume and its mount point: attach, detach and grow. Here for block devices; nfs/ has the other kind. */

import type { Context } from '../context.ts'
import { Defect, HostError, reasonOf } from '../errors.ts'
import { type BlockPublication, FILESYSTEMS, type Filesystem, type Publication } from '../publication.ts'
import { printSize } from '../units.ts'
import { type BlockDevice, isFree, isGone, readHead, sizeOf, waitUntilFree } from './block-device.ts'
import type { PublishedDevices } from './devices.ts'
import type { Filesystems } from './filesystem.ts'
import { describe } from './formatting.ts'
import type { Mounter } from './mount.ts'
import { ensureMountPoint, removeMountPoint } from './mount-point.ts'
import { type Mount, mountAt, readMounts } from './mountinfo.ts'
import { isMountedAnywhere } from './namespaces.ts'
import { parseSuperblock, SUPERBLOCK_REACH, type Superblock } from './superblock.ts'

/** What each kind of publication can have done for it at a mount point. @see host.ts */
export interface Attachments<P extends Publication> {
  attach(ctx: Context, publication: P, mountpoint: string): Promise<void>
  detach(ctx: Context, publication: P, mountpoint: string): Promise<void>
  isAttached(ctx: Context, publication: P, mountpoint: string): Promise<boolean>
  grow(ctx: Context, publication: P, mountpoint: string): Promise<void>
}

export interface Tools {
  readonly devices: PublishedDevices
  readonly filesystem: Filesystems
  readonly mounter: Mounter
}

export function blockAttachments(tools: Tools): Attachments<BlockPublication> {
  return {
    attach: (ctx, publication, mountpoint) => attach(tools, ctx, publication, mountpoint),
    detach: (ctx, publication, mountpoint) => detach(tools, ctx, publication, mountpoint),
    isAttached: (ctx, publication, mountpoint) => isAttached(tools, ctx, publication, mountpoint),
    grow: (ctx, publication, mountpoint) => grow(tools, ctx, publication, mountpoint),
  }
}

/**
 * Mounts a formatted volume. Does nothing when it is mounted there already. A mount whose disk has gone makes way.
 *
 * The filesystem is told by its superblock, not by blkid: blkid also reads the device's end, where a file that a
 * container wrote could pose as some other kind of disk.
 *
 * @throws HostError STALE_MOUNT | DEVICE_MISSING | DEVICE_MISMATCH | DEVICE_IN_USE | FILESYSTEM_MISMATCH |
 *   FILESYSTEM_DAMAGED | PATH_INVALID | MOUNT_FAILED
 */
async function attach(tools: Tools, ctx: Context, publication: BlockPublication, mountpoint: string): Promise<void> {
  for (let mount = await mountOn(mountpoint); mount; mount = await mountOn(mountpoint)) {
    if (await tools.devices.isOne(ctx, publication, mount.device)) return
    if (!(await isGone(mount.device))) throw stale(mount)
    await unmountDead(tools, ctx, mount)
  }

  await tools.devices.use(ctx, publication, async (device) => {
    const { type, size } = await recognise(tools, ctx, device, publication)
    await checkUnlessMounted(tools, ctx, device, type)
    await ensureMountPoint(mountpoint)
    try {
      await tools.mounter.mount(ctx, device, mountpoint, { type, options: mountOptions(type, publication) })
    } catch (error) {
      await removeMountPoint(ctx, mountpoint)
      throw error
    }
    if (size < (await sizeOf(device))) {
      await orWarn(ctx, mountpoint, tools.filesystem.grow(ctx, device, type, mountpoint))
    }
  })
}

/** True when the topmost mount there is of the volume's own device. */
async function isAttached(
  tools: Tools,
  ctx: Context,
  publication: BlockPublication,
  mountpoint: string,
): Promise<boolean> {
  const mount = await mountOn(mountpoint)
  return mount !== undefined && (await tools.devices.isOne(ctx, publication, mount.device))
}

/**
 * Takes a volume away from its mount point, and its device from this machine. Any of it may be gone already, and so
 * may the volume.
 *
 * @throws HostError MOUNT_BUSY | STALE_MOUNT
 */
async function detach(tools: Tools, ctx: Context, publication: BlockPublication, mountpoint: string): Promise<void> {
  const devices = await tools.devices.find(ctx, publication)
  for (let mount = await mountOn(mountpoint); mount; mount = await mountOn(mountpoint)) {
    if (await isGone(mount.device)) {
      await unmountDead(tools, ctx, mount)
      continue
    }
    ensureMountedFrom(mount, devices)
    await tools.mounter.unmount(ctx, mountpoint)
  }
  await removeMountPoint(ctx, mountpoint)
  await tools.devices.letGo(ctx, publication)
}

/**
 * Grows a mounted volume to its published size, online. One that is not mounted grows when it is attached.
 *
 * @throws HostError STALE_MOUNT | DEVICE_MISMATCH | COMMAND_FAILED
 */
async function grow(tools: Tools, ctx: Context, publication: BlockPublication, mountpoint: string): Promise<void> {
  const mount = await mountOn(mountpoint)
  if (!mount) return
  const devices = await tools.devices.find(ctx, publication)
  ensureMountedFrom(mount, devices)
  const device = devices.find(({ number }) => number === mount.device)!
  await tools.devices.fit(ctx, publication, device)
  await tools.filesystem.grow(ctx, device, mount.fstype as Filesystem, mountpoint)
}

async function mountOn(mountpoint: string): Promise<Mount | undefined> {
  return mountAt(await readMounts(), mountpoint)
}

/** Its disk was taken from this machine, so nothing of the mount can be read or saved any more. */
async function unmountDead({ mounter }: Tools, ctx: Context, { device, source, mountpoint }: Mount): Promise<void> {
  ctx.log.warn('Unmounting what is left of a disk that is gone.', { mountpoint, source, device })
  await mounter.unmount(ctx, mountpoint)
}

function ensureMountedFrom(mount: Mount, devices: readonly BlockDevice[]): void {
  if (!devices.some(({ number }) => number === mount.device)) throw stale(mount)
}

function stale({ device, source, mountpoint }: Mount): HostError {
  return new HostError(
    'STALE_MOUNT',
    `Left ${mountpoint} alone: ${source} (device ${device}) is mounted there, which is not the volume. Unmount it by hand, then try again.`,
  )
}

/** Which filesystem is on the device. It has to be the recorded one; for volumes that others made, a supported one. */
async function recognise(
  { filesystem }: Tools,
  ctx: Context,
  device: BlockDevice,
  publication: BlockPublication,
): Promise<Superblock & { readonly type: Filesystem }> {
  const { format } = publication
  if (format.state !== 'ready') throw new Defect(`Asked to mount ${device.label}, whose format is "${format.state}".`)

  const superblock = parseSuperblock(await readHead(device, SUPERBLOCK_REACH))
  if (!superblock || !isSupported(superblock)) {
    const signature = superblock ? { ...superblock, ambivalent: false } : await filesystem.identify(ctx, device)
    const known = signature ? describe(signature) : 'nothing that blkid knows'
    throw mismatch(device, known, expectedOf(publication, format.uuid))
  }
  if (format.uuid && (superblock.type !== publication.filesystem || superblock.uuid !== format.uuid.toLowerCase())) {
    throw mismatch(device, describe({ ...superblock, ambivalent: false }), expectedOf(publication, format.uuid))
  }

  const size = await sizeOf(device)
  if (superblock.size <= size) return superblock
  throw new HostError(
    'DEVICE_MISMATCH',
    `Cannot mount ${device.label}: it has ${printSize(size)}, and the filesystem on it ${printSize(superblock.size)}. The volume was cut; restore it from a snapshot or copy.`,
  )
}

function isSupported(superblock: Superblock): superblock is Superblock & { type: Filesystem } {
  return (FILESYSTEMS as readonly string[]).includes(superblock.type)
}

function expectedOf({ filesystem }: BlockPublication, uuid: string | undefined): string {
  return uuid ? `${filesystem} with UUID ${uuid}` : FILESYSTEMS.join(', ')
}

function mismatch(device: BlockDevice, found: string, expected: string): HostError {
  return new HostError(
    'FILESYSTEM_MISMATCH',
    `Did not mount ${device.label}: it carries ${found}; the volume's record says ${expected}. Nothing was written to it. If the volume was replaced or wiped, restore it from a snapshot or copy.`,
  )
}

/** A filesystem that is mounted, here or in a container's namespace, is not to be checked, and joins on mounting. */
async function checkUnlessMounted({ filesystem }: Tools, ctx: Context, device: BlockDevice, type: Filesystem) {
  if (!(await isFree(device))) {
    if (await isMountedAnywhere(device.number)) return
    await waitUntilFree(ctx, device)
  }
  await filesystem.check(ctx, device, type)
}

/** xfs refuses a UUID it has mounted already, and clones share theirs; which one this is was seen before. */
function mountOptions(type: Filesystem, { discard }: BlockPublication): readonly string[] {
  return [...(type === 'xfs' ? ['nouuid'] : []), ...(discard ? ['discard'] : [])]
}

/** A volume whose growth fails is as useful as it was before. */
async function orWarn(ctx: Context, mountpoint: string, growing: Promise<void>): Promise<void> {
  try {
    await growing
  } catch (error) {
    if (ctx.signal.aborted) throw error
    ctx.log.warn('Mounted, but cannot grow the filesystem to its device.', { mountpoint, reason: reasonOf(error) })
  }
}
