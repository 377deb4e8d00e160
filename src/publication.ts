/** What drivers and the host share, and nothing else: who this host is, and where a published volume is found. */

import type { Bytes } from './units.ts'

export type Publication = FilePublication

/** A file of this machine that holds a filesystem, reached through a loop device. */
export interface FilePublication {
  readonly kind: 'file'
  /** Absolute path of the file. */
  readonly path: string
  /** The file's length. The host touches no device of another size. */
  readonly size: Bytes
  readonly filesystem: Filesystem
  readonly format: Format
  /** Give freed blocks back (`discard`): right for thin volumes, wrong for reserved ones. */
  readonly discard: boolean
}

export const FILESYSTEMS = ['ext4', 'ext3', 'xfs'] as const
export type Filesystem = (typeof FILESYSTEMS)[number]

/**
 * What is recorded with the volume about its filesystem. It only ever moves forward.
 *
 * - `new`: never formatted. Only such a device may be, after it was found blank.
 * - `formatting`: `host` found it blank and began mkfs with this UUID; no container has written to it.
 * - `ready`: formatted; never again. The UUID is absent for volumes that others made.
 */
export type Format =
  | { readonly state: 'new' }
  | { readonly state: 'formatting'; readonly uuid: string; readonly host: string }
  | { readonly state: 'ready'; readonly uuid?: string }

/** This machine, as an array needs to know it. */
export interface HostIdentity {
  readonly name: string
}
