/** The parts the verbs work with, and the verbs gathered as one object for Docker's routes. */

import type { Context } from '../context.ts'
import type { AnyDriverDefinition, DeletePolicy, Driver, OptionValues } from '../drivers/driver.ts'
import type { Host } from '../host/host.ts'
import type { VolumeName } from '../names.ts'
import type { Bytes } from '../units.ts'
import { create } from './create.ts'
import { get, list, path } from './inspect.ts'
import { mount } from './mount.ts'
import { remove } from './remove.ts'
import { resize } from './resize.ts'
import { createSnapshot } from './snapshot.ts'
import type { Journal } from './state/journal.ts'
import type { Known } from './state/known.ts'
import type { Locks } from './state/locks.ts'
import type { Mounts } from './state/mounts.ts'
import type { Reads } from './state/reads.ts'
import { unmount } from './unmount.ts'

/** What one running instance is made of. */
export interface Parts {
  readonly definition: AnyDriverDefinition
  readonly driver: Driver<OptionValues>
  readonly host: Host
  readonly locks: Locks
  readonly mounts: Mounts
  readonly journal: Journal
  readonly known: Known
  readonly reads: Reads
  readonly settings: VolumeSettings
}

export interface VolumeSettings {
  /** As the config names it: for messages. */
  readonly driverName: string
  /** What array names begin with. */
  readonly prefix: string
  readonly deletePolicy: DeletePolicy
  /** Also remove volumes that carry no mark of ours. */
  readonly allowForeignDelete: boolean
  /** Option values of the config's `defaults`, by the schema's spelling; `size` among them. */
  readonly defaults: Readonly<Record<string, string>>
  /** No volume may be larger. */
  readonly limitVolumeSize?: Bytes
  /** Directory below which volumes are mounted, one directory each. */
  readonly mountRoot: string
}

export type Volumes = ReturnType<typeof volumesOf>

export function volumesOf(parts: Parts) {
  return {
    create: (ctx: Context, name: VolumeName, options: Readonly<Record<string, string>>) =>
      create(parts, ctx, name, options),
    remove: (ctx: Context, name: VolumeName) => remove(parts, ctx, name),
    mount: (ctx: Context, name: VolumeName, id: string) => mount(parts, ctx, name, id),
    unmount: (ctx: Context, name: VolumeName, id: string) => unmount(parts, ctx, name, id),
    /** Docker has the answer to this Mount: its claim is no longer in doubt. */
    answered: (ctx: Context, name: VolumeName, id: string) => parts.mounts.answered(name, id, ctx.gone),
    get: (ctx: Context, name: VolumeName) => get(parts, ctx, name),
    list: (ctx: Context) => list(parts, ctx),
    path: (ctx: Context, name: VolumeName) => path(parts, ctx, name),
    resize: (ctx: Context, name: VolumeName, size: string) => resize(parts, ctx, name, size),
    createSnapshot: (ctx: Context, name: VolumeName, snapshot: string) => createSnapshot(parts, ctx, name, snapshot),
  }
}
