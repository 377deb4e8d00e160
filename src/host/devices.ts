/** From a publication to its block device: the one place that knows which kind is brought here by whom. */

import type { Context } from '../context.ts'
import type { BlockPublication } from '../publication.ts'
import type { Run } from '../run.ts'
import type { BlockDevice } from './block-device.ts'
import { fileDevices } from './file-devices.ts'
import { iscsiDevices } from './iscsi/iscsi-devices.ts'

export type PublishedDevices = DevicesOf<BlockPublication>

/** What each kind of publication can have done for it. */
export interface DevicesOf<P extends BlockPublication> {
  /**
   * Brings the device here, of the published size, and hands it to `work`. If that fails, a device that was not here
   * before goes away again.
   *
   * @throws HostError DEVICE_MISSING | DEVICE_MISMATCH | PATH_INVALID; COMMAND_FAILED | TOOL_MISSING
   */
  use<T>(ctx: Context, publication: P, work: (device: BlockDevice) => Promise<T>): Promise<T>

  /** True when `number` (`major:minor`) is the device of the volume as it is now, not of an earlier one of its name. */
  isOne(ctx: Context, publication: P, number: string): Promise<boolean>

  /** Its devices that are here now, whatever has become of the volume meanwhile. Brings none. */
  find(ctx: Context, publication: P): Promise<readonly BlockDevice[]>

  /** Makes a device that is here as large as the publication. @throws HostError DEVICE_MISMATCH */
  fit(ctx: Context, publication: P, device: BlockDevice): Promise<void>

  /**
   * Safe to repeat, and safe while something has the device open: it goes as soon as that closes it, by itself or, where
   * the kernel cannot do that, when this is asked again.
   *
   * @throws HostError DEVICE_IN_USE, which means the latter
   */
  letGo(ctx: Context, publication: P): Promise<void>
}

export function publishedDevices(run: Run): PublishedDevices {
  const kinds: { readonly [K in BlockPublication['kind']]: DevicesOf<Extract<BlockPublication, { kind: K }>> } = {
    file: fileDevices(run),
    iscsi: iscsiDevices(run),
  }
  const of = ({ kind }: BlockPublication) => kinds[kind] as PublishedDevices
  return {
    use: (ctx, publication, work) => of(publication).use(ctx, publication, work),
    isOne: (ctx, publication, number) => of(publication).isOne(ctx, publication, number),
    find: (ctx, publication) => of(publication).find(ctx, publication),
    fit: (ctx, publication, device) => of(publication).fit(ctx, publication, device),
    letGo: (ctx, publication) => of(publication).letGo(ctx, publication),
  }
}
