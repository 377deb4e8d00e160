/** Addresses of an SVM, and the mirrors of its root volume. */

import type { Context } from '../../../context.ts'

export interface OntapNetwork {
  /** Addresses of the SVM that serve NFS, whether up or not. */
  nfsInterfaces(ctx: Context): Promise<readonly OntapInterface[]>
  /**
   * Has new junctions show on the load-sharing mirrors of the SVM's root volume, and waits, 30 s at most. Does nothing,
   * and costs no call after the first, where there are none.
   */
  updateLoadSharing(ctx: Context): Promise<void>
}

export interface OntapInterface {
  readonly name: string
  /** IPv4, or IPv6 without brackets. */
  readonly address: string
  readonly up: boolean
}
