/** Users, and what their roles allow. */

import type { Context } from '../../../context.ts'

export interface OntapRoles {
  /**
   * What a user may do, as far as the array tells; undefined when it shows no such user. The one of the cluster where
   * several are of that name.
   *
   * @throws BackendError UNAUTHORIZED: few roles may look at roles
   */
  ofUser(ctx: Context, user: string): Promise<OntapRole | undefined>
}

export interface OntapRole {
  readonly name: string
  /** In the notation of this dialect; empty when the role is written in the other one's. */
  readonly rights: readonly OntapRight[]
}

export interface OntapRight {
  /** `/api/storage/volumes` of REST; `volume create`, `volume`, `DEFAULT` of ZAPI. */
  readonly to: string
  readonly access: 'none' | 'readonly' | 'read_create' | 'read_modify' | 'read_create_modify' | 'all'
}
