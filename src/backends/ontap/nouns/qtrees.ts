/** Qtrees: parts of a volume. */

import type { Context } from '../../../context.ts'
import type { OntapSecurityStyle } from './volumes.ts'

export interface OntapQtrees {
  /** @throws BackendError ALREADY_EXISTS | NOT_FOUND (the volume) | FULL (qtrees are limited) | REFUSED */
  create(ctx: Context, qtree: NewOntapQtree): Promise<void>
  /** @throws BackendError NOT_FOUND */
  changeMode(ctx: Context, qtree: OntapQtreeRef, unixPermissions: number): Promise<void>
  /** Within its volume. @throws BackendError NOT_FOUND | ALREADY_EXISTS */
  rename(ctx: Context, qtree: OntapQtreeRef, name: string): Promise<void>
  /** Resolves once the array has begun; it removes what is in there in its own time. @throws BackendError NOT_FOUND */
  remove(ctx: Context, qtree: OntapQtreeRef): Promise<void>
  /** Those of exactly this name, in volumes whose names begin with `volumePrefix`. One call. */
  named(ctx: Context, name: string, volumePrefix: string): Promise<readonly OntapQtree[]>
  /** All in volumes whose names begin with `volumePrefix`, but the nameless one every volume has. One call a page. */
  inVolumes(ctx: Context, volumePrefix: string): Promise<readonly OntapQtree[]>
}

export interface OntapQtreeRef {
  readonly volume: string
  readonly name: string
  /**
   * Both are known of what a listing answered. With them a rename means that very one, whatever has its name by now; and
   * where the array goes by them, everything does, and it saves a look.
   */
  readonly id?: number
  readonly volumeUuid?: string
}

export interface NewOntapQtree extends OntapQtreeRef {
  /** May be 0. */
  readonly unixPermissions: number
  readonly securityStyle: OntapSecurityStyle
  readonly exportPolicy?: string
}

export interface OntapQtree extends OntapQtreeRef {
  readonly id: number
  readonly unixPermissions?: number
  readonly securityStyle?: string
  readonly exportPolicy?: string
}
