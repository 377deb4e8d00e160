/** Mounts that other mount namespaces hold: containers, above all. */

import { readlink } from 'node:fs/promises'
import { type Mount, mountAt, readMounts } from './mountinfo.ts'
import { isNfs } from './nfs/source.ts'
import { processIds } from './processes.ts'

/**
 * True when what is mounted at `mountpoint` is mounted elsewhere too, and would stay there if it were unmounted here: in
 * another mount namespace, as containers have, or in ours, as runtimes do that hand it to a virtual machine. False when
 * nothing is mounted there.
 */
export async function isHeldElsewhere(mountpoint: string): Promise<boolean> {
  const here = await readMounts()
  const mount = mountAt(here, mountpoint)
  if (!mount) return false
  const isHolder = (there: readonly Mount[]) => (other: Mount) =>
    isOfSame(other, mount) && !isEcho(other, there, mount, here)
  // What was mounted on the same mount, at another path, is no copy that propagation made.
  const isOwnHolder = (other: Mount) =>
    other.mountpoint !== mountpoint &&
    (isHolder(here)(other) || (other.parentId === mount.parentId && isOfSame(other, mount)))
  if (here.some(isOwnHolder)) return true
  for await (const there of otherNamespaces()) {
    if (there.some(isHolder(there))) return true
  }
  return false
}

/**
 * True when one mount shows what the other does, or a directory within it.
 *
 * A block device has one filesystem, which is one volume. Of a file server, volumes may be directories of one
 * filesystem, and the kernel shows `/` as the root of each: there the source tells them apart.
 */
export function isOfSame(other: Mount, mount: Mount): boolean {
  if (other.device !== mount.device) return false
  if (!isNfs(mount) || other.source === mount.source) return true
  return other.source.startsWith(mount.source.endsWith('/') ? mount.source : `${mount.source}/`)
}

/** True when any mount namespace, ours included, has this device (`major:minor`) mounted. */
export async function isMountedAnywhere(device: string): Promise<boolean> {
  if ((await readMounts()).some((mount) => mount.device === device)) return true
  for await (const there of otherNamespaces()) {
    if (there.some((mount) => mount.device === device)) return true
  }
  return false
}

/**
 * True for a copy that mount propagation made, and takes away again as the original is unmounted. systemd's services
 * hold such copies of all that is mounted. An unmount propagates if the mount below the copy follows the mount below
 * the original.
 */
export function isEcho(other: Mount, there: readonly Mount[], original: Mount, here: readonly Mount[]): boolean {
  const group = parentOf(original, here)
    ?.tags.find((tag) => tag.startsWith('shared:'))
    ?.slice('shared:'.length)
  const tags = parentOf(other, there)?.tags ?? []
  return group !== undefined && [`shared:${group}`, `master:${group}`].some((tag) => tags.includes(tag))
}

function parentOf(mount: Mount, mounts: readonly Mount[]): Mount | undefined {
  return mounts.find(({ id }) => id === mount.parentId)
}

/** The tables of all other mount namespaces that have a process, each once. */
async function* otherNamespaces(): AsyncGenerator<readonly Mount[]> {
  const seen = new Set([await namespaceOf('self')])
  for (const pid of await processIds()) {
    const namespace = await namespaceOf(pid)
    if (namespace === undefined || seen.has(namespace)) continue
    // A process that ends just now leaves the namespace to the next one of it.
    const mounts = await readMounts(pid).catch(() => undefined)
    if (!mounts) continue
    seen.add(namespace)
    yield mounts
  }
}

/** Undefined for a process that has ended, or that may not be looked at. */
function namespaceOf(pid: number | 'self'): Promise<string | undefined> {
  return readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined)
}
