/** Why a mount point is busy, and what to do. */

import type { Mount } from './mountinfo.ts'
import { processesUsing } from './processes.ts'

/** Looks at /proc alone: the mount point itself may hang. @returns whole sentences */
export async function holdersOf(mountpoint: string, mounts: readonly Mount[]): Promise<string> {
  const below = mounts.find((mount) => mount.mountpoint.startsWith(`${mountpoint}/`))
  if (below) return `${below.mountpoint} is mounted below it: unmount that first.`

  const processes = await processesUsing(mountpoint)
  if (processes.length === 0) return `No process has it open; ${OTHERS}.`
  const names = processes.map(({ pid, name }) => `${name} (process ${pid})`)
  return `In use by ${names.join(', ')}: end what uses it, then try again.`
}

/** One that ends has closed its files before the last of what it wrote is stored. */
const OTHERS = 'a process that is ending may, or a loop device, swap file or NFS export of this host'
