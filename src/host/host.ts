/** This machine, as the volumes layer sees it. Everything here may be repeated. */

import type { Context } from '../context.ts'
import type { BlockPublication, HostIdentity, Publication } from '../publication.ts'

export interface Host {
  /**
   * Sees to it that no program of an earlier, killed run is still at work: to be called before anything else.
   *
   * @throws HostError COMMAND_TIMEOUT
   */
  endOrphans(ctx: Context): Promise<void>

  identity(ctx: Context): Promise<HostIdentity>

  /**
   * Makes the filesystem a `new` or `formatting` publication asks for, with this UUID. Proves first that the device is
   * the published one, that nothing holds it, and that it is blank (`formatting`: blank, or left by this very mkfs).
   *
   * Split in two so that the record `formatting` can be written in between.
   *
   * @throws HostError DEVICE_MISSING | DEVICE_MISMATCH | DEVICE_IN_USE | DEVICE_NOT_BLANK
   */
  proveFormattable(ctx: Context, publication: BlockPublication): Promise<void>
  /** @throws HostError as proveFormattable; COMMAND_FAILED, TOOL_MISSING */
  format(ctx: Context, publication: BlockPublication, uuid: string): Promise<void>

  /**
   * Brings a publication to `mountpoint`. A `ready` block device: device, identity, filesystem check, mount, growth to
   * its size. A directory of a file server: mount. Does nothing when it is there already.
   *
   * @throws HostError
   */
  attach(ctx: Context, publication: Publication, mountpoint: string): Promise<void>

  /** Undoes whatever of attach and format there is: unmounts, removes the mount point, lets the device go. */
  detach(ctx: Context, publication: Publication, mountpoint: string): Promise<void>

  /** Answers from the kernel's table; never touches the mount point itself, which may hang. */
  isMounted(ctx: Context, mountpoint: string): Promise<boolean>

  /** True when that very volume is what is mounted there. */
  isAttached(ctx: Context, publication: Publication, mountpoint: string): Promise<boolean>

  /** Every mount point below `root`. */
  mountsBelow(ctx: Context, root: string): Promise<readonly string[]>

  /** True when what is mounted at `mountpoint` is mounted elsewhere too: in a container's namespace, or again in ours. */
  isHeldElsewhere(ctx: Context, mountpoint: string): Promise<boolean>

  /** Grows device and filesystem, online, to a publication that has become larger. A file server needs none of it. */
  grow(ctx: Context, publication: Publication, mountpoint: string): Promise<void>

  /** Has the kernel write out what it still holds back of the filesystem there; nothing mounted is fine. */
  flush(ctx: Context, mountpoint: string): Promise<void>

  /**
   * Flushes and stops writes; `thaw` lets them go on and may be called when nothing is frozen. Writes to a file server
   * cannot be stopped: nothing happens then.
   */
  freeze(ctx: Context, mountpoint: string): Promise<void>
  thaw(ctx: Context, mountpoint: string): Promise<void>

  /** Names this boot; other after each reboot. */
  bootId(): Promise<string>
}
