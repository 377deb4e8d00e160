/** Docker's Get, List and Path: reading only, no lock. */

import type { Context } from '../context.ts'
import type { InspectedVolume, Snapshot, Volume } from '../drivers/driver.ts'
import { BackendError, hasCode, RequestError, reasonOf } from '../errors.ts'
import type { ArrayName, VolumeName } from '../names.ts'
import { backoffMs, sleep, unlessAborted } from '../retry.ts'
import { mapInSlices } from '../slices.ts'
import { printSize } from '../units.ts'
import { arrayOf, dockerNameOf } from './request/array-name.ts'
import type { Parts } from './volumes.ts'

/** A volume as Docker hears of it. */
export interface VolumeView {
  readonly name: VolumeName
  /** Where it is mounted on this host; absent when it is not. */
  readonly mountpoint?: string
  readonly createdAt?: Date
  readonly status?: Readonly<Record<string, unknown>>
}

/**
 * A volume that was there is told of also when the array cannot be asked now.
 *
 * @throws RequestError VOLUME_NOT_FOUND only when the array said so
 */
export async function get(parts: Parts, ctx: Context, name: VolumeName): Promise<VolumeView> {
  const { known, mounts, reads } = parts
  const seen = known.has(name) ? await seeInTime(parts, ctx, name) : await seeShared(parts, ctx, name)
  if (typeof seen === 'string') {
    ctx.log.warn('The array cannot be asked; the volume was there when it last could.', { volume: name, reason: seen })
    return rememberedView(name, seen, mounts.get(name)?.mountpoint)
  }
  if (!seen) reads.noteAbsent(arrayOf(parts, name))
  if (!seen || dockerNameOf(parts, seen.volume) !== name) {
    known.remove(name)
    throw new RequestError('VOLUME_NOT_FOUND', `Volume "${name}" does not exist.`)
  }
  known.add(name)
  return { ...viewOf(parts, name, seen.volume), status: await statusOf(parts, ctx, name, seen) }
}

/** How long an array is asked about a volume that was there, before that is what is told. */
const REMEMBER_MS = 3_000

/** What the array has, or why it cannot be asked now. */
async function seeInTime(parts: Parts, ctx: Context, name: VolumeName): Promise<InspectedVolume | undefined | string> {
  const enough = AbortSignal.timeout(REMEMBER_MS)
  const gone = AbortSignal.any([ctx.gone, enough])
  const asked = seeShared(parts, { ...ctx, gone }, name)
  try {
    return await unlessAborted(asked, gone)
  } catch (error) {
    const fault = error === enough.reason ? await lastWordOf(asked) : error
    if (fault instanceof BackendError) return reasonOf(fault)
    if (error !== enough.reason) throw error
    return `it has not answered for ${REMEMBER_MS / 1000} s`
  }
}

/** Whoever repeats a call gives up as nobody waits any more, and then says why it did not work. */
async function lastWordOf(asked: Promise<unknown>): Promise<unknown> {
  const fault = asked.then(
    () => undefined,
    (error: unknown) => error,
  )
  return Promise.race([fault, sleep(LAST_WORD_MS, AbortSignal.any([]))])
}

const LAST_WORD_MS = 100

function seeShared(parts: Parts, ctx: Context, name: VolumeName): Promise<InspectedVolume | undefined> {
  const array = arrayOf(parts, name)
  const isThere = (seen: InspectedVolume | undefined) => seen !== undefined
  return persist(ctx, () => parts.reads.share(`get ${array}`, ctx, (its) => see(parts, its, array), isThere))
}

/** What is told of a volume while the array cannot be asked. */
export function rememberedView(name: VolumeName, reason: string, mountpoint?: string): VolumeView {
  return { name, ...(mountpoint !== undefined && { mountpoint }), status: { unavailable: reason } }
}

async function see({ driver }: Parts, ctx: Context, array: ArrayName): Promise<InspectedVolume | undefined> {
  if (driver.inspect) return driver.inspect(ctx, array)
  const volume = await driver.find(ctx, array)
  return volume && { volume, snapshots: await snapshotsOf(driver, ctx, volume) }
}

/** None for a volume that goes away meanwhile. */
async function snapshotsOf({ snapshots }: Parts['driver'], ctx: Context, volume: Volume): Promise<readonly Snapshot[]> {
  try {
    return (await snapshots?.list(ctx, volume)) ?? []
  } catch (error) {
    if (!hasCode(error, 'NOT_FOUND')) throw error
    return []
  }
}

/** Made once for all who share it: with thousands of volumes that takes longer than the array does. */
export function list(parts: Parts, ctx: Context): Promise<readonly VolumeView[]> {
  return parts.reads.share('list', ctx, async (its) => {
    const since = parts.known.additions
    const seen = await mapInSlices(await parts.driver.list(its), (volume) => {
      const name = dockerNameOf(parts, volume)
      return name === undefined ? undefined : viewOf(parts, name, volume)
    })
    const views = seen.filter((view) => view !== undefined)
    parts.known.replace(
      views.map(({ name }) => name),
      since,
    )
    return views
  })
}

/** Where the volume is mounted on this host; undefined when it is not. Asks the array only when it is not on record. */
export async function path(parts: Parts, ctx: Context, name: VolumeName): Promise<string | undefined> {
  const mountpoint = parts.mounts.get(name)?.mountpoint
  return mountpoint ?? (await get(parts, ctx, name)).mountpoint
}

/**
 * Repeats a read that failed for a passing reason, for as long as somebody waits: to Docker, an error to Get would mean
 * that there is no such volume.
 */
async function persist<T>(ctx: Context, read: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await read()
    } catch (error) {
      if (!hasCode(error, 'UNREACHABLE', 'BUSY')) throw error
      await sleep(backoffMs(attempt, MAX_PAUSE_MS), ctx.gone).catch(() => {
        throw error
      })
    }
  }
}

const MAX_PAUSE_MS = 2_000

function viewOf({ mounts }: Parts, name: VolumeName, { createdAt }: Volume): VolumeView {
  const mountpoint = mounts.get(name)?.mountpoint
  return { name, ...(mountpoint !== undefined && { mountpoint }), ...(createdAt && { createdAt }) }
}

/** What `docker volume inspect` shows under Status; `Snapshots` with the keys nDVP gave it. */
async function statusOf(
  { host, mounts }: Parts,
  ctx: Context,
  name: VolumeName,
  { volume, snapshots }: InspectedVolume,
): Promise<Readonly<Record<string, unknown>>> {
  const claims = mounts.claimsOf(name)
  return {
    Snapshots: snapshots.map(snapshotView),
    size: printSize(volume.size),
    sizeBytes: volume.size,
    ...volume.options,
    ...volume.status,
    ...(volume.clonedFrom !== undefined && { clonedFrom: volume.clonedFrom }),
    mountedBy: mounts.get(name) ? (await host.identity(ctx)).name : '',
    mountedFor: [...claims].map(([id, count]) => ({ mountId: id, count })),
  }
}

function snapshotView({ name, createdAt, size }: Snapshot) {
  return { Name: name, Created: createdAt.toISOString(), ...(size !== undefined && { Size: printSize(size) }) }
}
