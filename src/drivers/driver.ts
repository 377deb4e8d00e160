/** One kind of storage on one array. Drivers state facts; the volumes layer decides policy. */

import type { Context } from '../context.ts'
import type { ArrayName } from '../names.ts'
import type { Format, HostIdentity, Publication } from '../publication.ts'
import type { Bytes } from '../units.ts'

export * from './definition.ts'

/**
 * What a kind of storage cannot do is absent from the object; the volumes layer answers NOT_SUPPORTED.
 * Names, config checks, mounting, locking and the logging of calls are not a driver's business.
 */
export interface Driver<Options = OptionValues> {
  /** Leaves nothing behind when it throws. @throws BackendError ALREADY_EXISTS | FULL | BUSY */
  create(ctx: Context, volume: NewVolume<Options>): Promise<void>

  /** Copies a volume as of its snapshot, or as of now when none is named. @throws as create; NOT_FOUND for the source */
  clone?(ctx: Context, volume: NewClone<Options>): Promise<void>

  /**
   * Removes what an interrupted create, clone or snapshot with this intent has left: parts, or the whole volume as long
   * as it still carries the intent. Leaves every other volume of that name alone. Safe to repeat.
   */
  discard(ctx: Context, name: ArrayName, intent: IntentId): Promise<void>

  /**
   * Removes the very volume that `find` answered, and no namesake. How, says the instance's delete policy.
   *
   * @throws BackendError NOT_FOUND. Whether that is fine is for the caller to say.
   */
  remove(ctx: Context, volume: Volume): Promise<void>

  /** Undefined only when the array was asked and has none. @throws BackendError AMBIGUOUS naming each of that name */
  find(ctx: Context, name: ArrayName): Promise<Volume | undefined>

  /** What `find` and `snapshots.list` answer, in less time than the one after the other; absent where that is no gain. */
  inspect?(ctx: Context, name: ArrayName): Promise<InspectedVolume | undefined>

  /** All there are. */
  list(ctx: Context): Promise<readonly Volume[]>

  /** Takes the intent off a volume that somebody else counts on from here on: `discard` leaves it alone then. */
  keep(ctx: Context, volume: Volume): Promise<void>

  /**
   * The same options in the words `find` answers them with, after a look at what this config and array allow. Absent
   * where the schema says it all.
   *
   * @param asked what was asked for in so many words
   * @param options that, else the config's defaults, else the schema's
   *
   * @throws RequestError OPTION_INVALID
   */
  resolveOptions?(asked: Partial<Options>, options: Options): ResolvedOptions

  /** No volume can be larger; absent where only space sets a limit. */
  readonly maximumSize?: Bytes

  /** Grows only. The host grows the filesystem afterwards. @throws BackendError NOT_FOUND | FULL | REFUSED */
  resize?(ctx: Context, name: ArrayName, size: Bytes): Promise<void>

  readonly snapshots?: SnapshotOperations

  /**
   * Lets `host` reach the volume and says where it will find it. Safe to repeat.
   * From here on the volume is somebody's: it no longer carries the intent that made it.
   *
   * @throws BackendError NOT_FOUND, also for a volume that has `belongsTo`
   */
  publish(ctx: Context, name: ArrayName, host: HostIdentity): Promise<Publication>

  /** Takes that reach away. Safe to repeat, safe when publish stopped half-way, safe when the volume is gone. */
  unpublish(ctx: Context, name: ArrayName, host: HostIdentity): Promise<void>

  /** Records how far formatting has come, durably; absent where the array brings the filesystem. */
  noteFormat?(ctx: Context, name: ArrayName, format: Format): Promise<void>

  /** Stops housekeeping and closes sockets. The driver is not used again. */
  close(): Promise<void>
}

export interface SnapshotOperations {
  /** @throws BackendError NOT_FOUND */
  list(ctx: Context, volume: Volume): Promise<readonly Snapshot[]>
  /** @throws BackendError NOT_FOUND | ALREADY_EXISTS | FULL */
  create(ctx: Context, volume: ArrayName, snapshot: string, intent: IntentId): Promise<void>
  /** @throws BackendError NOT_FOUND */
  remove(ctx: Context, volume: ArrayName, snapshot: string): Promise<void>
  /** Puts the volume back to what it was. Only for a volume nobody has mounted. @throws BackendError NOT_FOUND */
  restore(ctx: Context, volume: ArrayName, snapshot: string): Promise<void>
}

/** Facts about a volume on the array. */
export interface Volume {
  readonly name: ArrayName
  /** The array's own word for it, where names need not be unique there. */
  readonly id?: string
  /** True for one that neither this product nor nDVP or Trident made, as far as the array shows. */
  readonly foreign?: boolean
  /**
   * Whose it is, where that is not this instance: `the instance of prefix "b_"`. Then it takes its name, and is not for
   * anybody here to see, use or remove.
   */
  readonly belongsTo?: string
  /** The Docker name kept with the volume; absent where a maker kept none. */
  readonly dockerName?: string
  readonly size: Bytes
  readonly createdAt?: Date
  /** The create that made it, until its first publish. */
  readonly intent?: IntentId
  /** The options it was made with, as far as the array shows them. Keys are those of the options schema. */
  readonly options: Readonly<Record<string, OptionValue>>
  /** The volume it was cloned from, if the array remembers. */
  readonly clonedFrom?: ArrayName
  /** More for `docker volume inspect`, in the words users know. */
  readonly status?: Readonly<Record<string, unknown>>
}

export interface InspectedVolume {
  readonly volume: Volume
  readonly snapshots: readonly Snapshot[]
}

export interface Snapshot {
  readonly name: string
  readonly createdAt: Date
  readonly size?: Bytes
}

export interface NewVolume<Options> {
  readonly name: ArrayName
  readonly dockerName: string
  readonly size: Bytes
  readonly options: Options
  /** Kept on the array with the volume until its first publish: recovery removes only what it made. */
  readonly intent: IntentId
}

export interface NewClone<Options> {
  readonly name: ArrayName
  readonly dockerName: string
  readonly source: ArrayName
  readonly snapshot?: string
  /** Absent: the size of the source. Never below it. */
  readonly size?: Bytes
  /** Only what was asked for; what was not is as on the source. */
  readonly options: Partial<Options>
  readonly intent: IntentId
}

export interface ResolvedOptions {
  readonly asked: OptionValues
  readonly options: OptionValues
  /** The size of a volume made without one, where these options say so otherwise than the config. */
  readonly defaultSize?: Bytes
}

/** Names one attempt to make a volume. */
export type IntentId = string & { readonly [intentBrand]: true }
declare const intentBrand: unique symbol

export type OptionValue = string | number | boolean
export type OptionValues = Readonly<Record<string, OptionValue | undefined>>
