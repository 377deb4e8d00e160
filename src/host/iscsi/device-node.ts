/** Nodes in /dev of disks and maps: udev makes some of them, after sysfs has shown the device. */

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { HostError } from '../../errors.ts'
import type { BlockDevice } from '../block-device.ts'
import type { MultipathMap } from './multipath.ts'
import type { Places } from './places.ts'
import type { Disk } from './scsi.ts'
import { poll } from './sysfs.ts'
import type { IscsiTools } from './tools.ts'

/** The device as messages and programs name it, whether or not its node is there yet. */
export function deviceOf({ dev }: Places, found: Disk | MultipathMap, label: string): BlockDevice {
  const path = 'kernelName' in found ? join(dev, 'mapper', found.name) : join(dev, found.name)
  return { path, number: found.number, label: `${path} (${label})` }
}

/**
 * Waits for the node. A map whose name in /dev/mapper does not come, where there is no udev, has the kernel's own.
 *
 * @throws HostError DEVICE_MISSING
 */
export async function waitForNode(
  { places, patience }: IscsiTools,
  ctx: Context,
  found: Disk | MultipathMap,
  label: string,
): Promise<BlockDevice> {
  const device = deviceOf(places, found, label)
  const limits = { pollMs: patience.pollMs, limitMs: patience.nodeMs }
  const ready = await poll(ctx, limits, async () => ((await isNodeOf(device.path, found.number)) ? true : undefined))
  if (ready) return device

  const own = 'kernelName' in found ? join(places.dev, found.kernelName) : device.path
  if (await isNodeOf(own, found.number)) return { ...device, path: own }
  throw new HostError(
    'DEVICE_MISSING',
    `The kernel has the disk ${device.label} as device ${found.number}, but its node did not appear in ${patience.nodeMs / 1000} s. See whether udev runs: "systemctl status systemd-udevd".`,
  )
}

/** A node of that name may still be another device's. */
async function isNodeOf(path: string, number: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && `${majorOf(found.rdev)}:${minorOf(found.rdev)}` === number
}

/** @see gnu_dev_makedev in glibc, sysmacros.h: both numbers lie in two parts; these are within 32 bits on Linux. */
function majorOf(rdev: number): number {
  return (rdev >> 8) & 0xfff
}

function minorOf(rdev: number): number {
  return (rdev & 0xff) | ((rdev >> 12) & 0xfff00)
}
