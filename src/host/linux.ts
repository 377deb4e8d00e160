/** This machine, when it is a Linux: host.ts made of the tools beside it. */

import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { type HostIdentity, hostKeyOf, type Publication } from '../publication.ts'
import type { Run } from '../run.ts'
import { ownAddresses } from './addresses.ts'
import { type Attachments, blockAttachments, type Tools } from './attachment.ts'
import { publishedDevices } from './devices.ts'
import { filesystems } from './filesystem.ts'
import { format, proveFormattable } from './formatting.ts'
import type { Host } from './host.ts'
import { readInitiatorName } from './iscsi/initiator.ts'
import { mounter } from './mount.ts'
import { mountAt, readMounts } from './mountinfo.ts'
import { isHeldElsewhere } from './namespaces.ts'
import { nfsAttachments } from './nfs/nfs-attachments.ts'
import { nfsTools } from './nfs/tools.ts'
import { endOrphans, runFor } from './orphans.ts'

/** @param owner what tells this instance's programs from others'; those that outlived an earlier run carry it too */
export function linuxHost({ owner = '', run = runFor(owner) }: { owner?: string; run?: Run } = {}): Host {
  const tools: Tools = { devices: publishedDevices(run), filesystem: filesystems(run), mounter: mounter(run) }
  const [block, nfs] = [blockAttachments(tools), nfsAttachments(nfsTools(run))]
  const by = ({ kind }: Publication) => (kind === 'nfs' ? nfs : block) as Attachments<Publication>

  return {
    endOrphans: (ctx) => endOrphans(ctx, owner),
    identity,

    proveFormattable: (ctx, publication) =>
      tools.devices.use(ctx, publication, async (device) => {
        await proveFormattable(ctx, tools.filesystem, { ...publication, device, host: hostKeyOf(await identity()) })
      }),

    format: (ctx, publication, uuid) =>
      tools.devices.use(ctx, publication, async (device) =>
        format(ctx, tools.filesystem, { ...publication, device, host: hostKeyOf(await identity()) }, uuid),
      ),

    attach: (ctx, publication, mountpoint) => by(publication).attach(ctx, publication, mountpoint),
    detach: (ctx, publication, mountpoint) => by(publication).detach(ctx, publication, mountpoint),
    grow: (ctx, publication, mountpoint) => by(publication).grow(ctx, publication, mountpoint),

    isAttached: (ctx, publication, mountpoint) => by(publication).isAttached(ctx, publication, mountpoint),
    isMounted: async (_, mountpoint) => mountAt(await readMounts(), mountpoint) !== undefined,
    mountsBelow: async (_, root) => {
      const paths = (await readMounts()).map(({ mountpoint }) => mountpoint)
      return [...new Set(paths)].filter((path) => path.startsWith(`${root}/`))
    },
    isHeldElsewhere: (_, mountpoint) => isHeldElsewhere(mountpoint),

    flush: (ctx, mountpoint) => tools.mounter.flush(ctx, mountpoint),
    freeze: (ctx, mountpoint) => tools.mounter.freeze(ctx, mountpoint),
    thaw: (ctx, mountpoint) => tools.mounter.thaw(ctx, mountpoint),

    bootId: async () => (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
  }
}

/** May change while the plugin runs. */
async function identity(): Promise<HostIdentity> {
  const initiator = await readInitiatorName()
  return { name: hostname(), ...(initiator !== undefined && { initiator }), addresses: ownAddresses() }
}
