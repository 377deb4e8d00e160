/** Between a directory of a file server and its mount point. Nothing here looks at a mount point, which may hang. */

import { isIP } from 'node:net'
import type { Context } from '../../context.ts'
import { HostError } from '../../errors.ts'
import type { NfsPublication } from '../../publication.ts'
import type { Attachments } from '../attachment.ts'
import { ensureMountPoint, removeMountPoint } from '../mount-point.ts'
import { type Mount, mountAt } from '../mountinfo.ts'
import { mountNfs } from './mounting.ts'
import { addressesOf } from './server.ts'
import { printSource, sameAddress, samePath, settingOf, sourceOf } from './source.ts'
import type { NfsTools } from './tools.ts'
import { unmountNfs } from './unmounting.ts'

export function nfsAttachments(tools: NfsTools): Attachments<NfsPublication> {
  const mountOn = async (mountpoint: string) => mountAt(await tools.mounts(), mountpoint)

  return {
    async attach(ctx, publication, mountpoint) {
      const mount = await mountOn(mountpoint)
      if (mount) return ensureOf(tools, ctx, publication, mount)
      await ensureMountPoint(mountpoint)
      try {
        await mountNfs(tools, ctx, publication, mountpoint)
      } catch (error) {
        // Unless a mount that could not be ended has been done after all.
        if (!(await mountOn(mountpoint))) await removeMountPoint(ctx, mountpoint)
        throw error
      }
    },

    async isAttached(ctx, publication, mountpoint) {
      const mount = await mountOn(mountpoint)
      return mount !== undefined && (await isOf(tools, ctx, publication, mount))
    },

    async detach(ctx, publication, mountpoint) {
      for (let mount = await mountOn(mountpoint); mount; mount = await mountOn(mountpoint)) {
        await ensureOf(tools, ctx, publication, mount)
        await unmountNfs(tools, ctx, mount)
      }
      await removeMountPoint(ctx, mountpoint)
    },

    // The server's filesystem is as large as it says.
    grow: async () => {},
  }
}

/** @throws HostError STALE_MOUNT */
async function ensureOf(tools: NfsTools, ctx: Context, publication: NfsPublication, mount: Mount): Promise<void> {
  if (await isOf(tools, ctx, publication, mount)) return
  throw new HostError(
    'STALE_MOUNT',
    `Left ${mount.mountpoint} alone: ${mount.source} is mounted there, and the volume is ${printSource(publication)}. Unmount it by hand, then try again.`,
  )
}

/**
 * The kernel's table shows the server by the name of the first mount of that filesystem, and always by its address: so
 * a server of another name is the same if its address is.
 */
async function isOf(tools: NfsTools, ctx: Context, { server, path }: NfsPublication, mount: Mount): Promise<boolean> {
  const source = sourceOf(mount)
  if (!source || !samePath(source.path, path)) return false
  if (source.server.toLowerCase() === server.toLowerCase()) return true
  const address = settingOf(mount, 'addr') ?? (isIP(source.server) ? source.server : undefined)
  if (address === undefined) return false
  return (await addressesOf(tools, ctx, server)).some((other) => sameAddress(other, address))
}
