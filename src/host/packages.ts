/** Which package brings a program, for messages that end with what to install. */

export interface PackageNames {
  /** Debian, Ubuntu. */
  readonly debian: string
  /** RHEL, Fedora and their kin. */
  readonly rhel: string
}

/** The package that brings `program`; undefined for one nobody listed. */
export function packageOf(program: string): PackageNames | undefined {
  const entry = PACKAGES.find(({ programs }) => programs.includes(program))
  return entry && { debian: entry.debian, rhel: entry.rhel }
}

/**
 * RHEL 9 splits `util-linux-core` off `util-linux`; RHEL 8 has no such package.
 * `util-linux` is right on both, because it requires the other.
 */
const PACKAGES: readonly (PackageNames & { readonly programs: readonly string[] })[] = [
  {
    debian: 'util-linux',
    rhel: 'util-linux',
    programs: ['blkid', 'blockdev', 'fallocate', 'fsfreeze', 'wipefs'],
  },
  { debian: 'mount', rhel: 'util-linux', programs: ['losetup', 'mount', 'umount'] },
  {
    debian: 'e2fsprogs',
    rhel: 'e2fsprogs',
    programs: ['e2fsck', 'mkfs.ext3', 'mkfs.ext4', 'resize2fs'],
  },
  { debian: 'xfsprogs', rhel: 'xfsprogs', programs: ['mkfs.xfs', 'xfs_growfs', 'xfs_repair'] },
  { debian: 'nfs-common', rhel: 'nfs-utils', programs: ['mount.nfs', 'rpc.statd'] },
  { debian: 'libc-bin', rhel: 'glibc-common', programs: ['getent'] },
  { debian: 'coreutils', rhel: 'coreutils', programs: ['cp', 'sync', 'tee'] },
  { debian: 'open-iscsi', rhel: 'iscsi-initiator-utils', programs: ['iscsiadm', 'iscsid'] },
  { debian: 'multipath-tools', rhel: 'device-mapper-multipath', programs: ['multipath', 'multipathd'] },
  { debian: 'dmsetup', rhel: 'device-mapper', programs: ['dmsetup'] },
]
