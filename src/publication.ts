/** What drivers and the host share, and nothing else: who this host is, and where a published volume is found. */

import type { Secret } from './secret.ts'
import type { Bytes } from './units.ts'

export type Publication = BlockPublication | NfsPublication

/** Block devices, which this host formats and mounts. */
export type BlockPublication = FilePublication | IscsiPublication

/** What every block device has, however it is reached. */
interface BlockDeviceFacts {
  /** The host touches no device of another size. */
  readonly size: Bytes
  readonly filesystem: Filesystem
  readonly format: Format
  /** Give freed blocks back (`discard`): right for thin volumes, wrong for reserved ones. */
  readonly discard: boolean
}

/** A file of this machine that holds a filesystem, reached through a loop device. */
export interface FilePublication extends BlockDeviceFacts {
  readonly kind: 'file'
  /** Absolute path of the file. */
  readonly path: string
}

/** A LUN of an array, reached over iSCSI. */
export interface IscsiPublication extends BlockDeviceFacts {
  readonly kind: 'iscsi'
  /** IQN of the target. */
  readonly target: string
  /** Every `address:port` the target answers on, IPv6 in brackets. One is enough to begin with. */
  readonly portals: readonly string[]
  readonly lun: number
  /** The disk's NAA as SCSI reports it (VPD page 83): 32 hex digits, lower case. The host touches no disk of another. */
  readonly naa: string
  /** True when the target has no other LUN: this host logs out of it with the last use. */
  readonly ownTarget: boolean
  /** The interface that iscsiadm(8) logs in through; `default` is the kernel's choice. */
  readonly interface: string
  /** Absent once written to disk: letting go needs no secret. */
  readonly chap?: Chap
}

/** A directory of a file server, which brings its own filesystem. */
export interface NfsPublication {
  readonly kind: 'nfs'
  /** Name or address of the server; IPv6 without brackets. */
  readonly server: string
  /** Absolute path there. */
  readonly path: string
  /** Options of mount(8), `key` or `key=value` each, as parseNfsMountOptions answered them. */
  readonly options: readonly string[]
  /** Which rules let hosts in, and whose they are: for messages. */
  readonly exportPolicy?: string
  readonly svm?: string
}

export interface Chap {
  readonly user: string
  readonly secret: Secret
}

/** The same publication as it may be written to disk. */
export function withoutSecrets(publication: Publication): Publication {
  if (publication.kind !== 'iscsi') return publication
  const { chap: _, ...rest } = publication
  return rest
}

export const FILESYSTEMS = ['ext4', 'ext3', 'xfs'] as const
export type Filesystem = (typeof FILESYSTEMS)[number]

/**
 * What is recorded with the volume about its filesystem. It only ever moves forward.
 *
 * - `new`: never formatted. Only such a device may be, after it was found blank.
 * - `formatting`: `host` found it blank and began mkfs with this UUID (as hostKeyOf names it); no container has written to it.
 * - `ready`: formatted; never again. The UUID is absent for volumes that others made.
 */
export type Format =
  | { readonly state: 'new' }
  | { readonly state: 'formatting'; readonly uuid: string; readonly host: string }
  | { readonly state: 'ready'; readonly uuid?: string }

/** This machine, as an array needs to know it. */
export interface HostIdentity {
  readonly name: string
  /** IQN of the iSCSI initiator; absent where this machine has none. */
  readonly initiator?: string
  /** IPv4 and IPv6 addresses of this machine that others can reach: no loopback, none of one link only. */
  readonly addresses?: readonly string[]
}

/** What tells this machine from others in a record: copies of one machine often share their name. */
export function hostKeyOf({ name, initiator }: HostIdentity): string {
  return initiator === undefined ? name : `${name}/${initiator}`
}
