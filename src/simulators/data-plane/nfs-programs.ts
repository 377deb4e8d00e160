/** What a machine needs to be the NFS server of a simulated array. */

import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { programPath } from './program.ts'

/** Packages of Debian; elsewhere they are called `nfs-utils` and the like. */
const PROGRAMS = {
  'rpc.nfsd': 'nfs-kernel-server',
  'rpc.mountd': 'nfs-kernel-server',
  exportfs: 'nfs-kernel-server',
  rpcinfo: 'rpcbind',
  'mkfs.xfs': 'xfsprogs',
  xfs_growfs: 'xfsprogs',
  xfs_io: 'xfsprogs',
  xfs_quota: 'xfsprogs',
  fsfreeze: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  losetup: 'mount',
  mount: 'mount',
  modprobe: 'kmod',
} as const

/** @throws Error that names what is missing, and the packages that have it */
export async function ensurePrograms(path = programPath()): Promise<void> {
  const missing: (keyof typeof PROGRAMS)[] = []
  for (const name of Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[]) {
    if (!(await isInstalled(name, path))) missing.push(name)
  }
  if (missing.length === 0) return
  const packages = [...new Set(missing.map((name) => PROGRAMS[name]))]
  throw new Error(`A data plane needs ${missing.join(', ')}: install ${packages.join(', ')}, or their like.`)
}

async function isInstalled(name: string, path: string): Promise<boolean> {
  for (const directory of path.split(':')) {
    const found = await access(join(directory, name), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return true
  }
  return false
}
