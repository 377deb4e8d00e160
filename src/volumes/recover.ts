/**
 * The one tidy-up. What tidies up after a failure is what tidies up after a crash.
 *
 * Invariants:
 * - it destroys nothing it did not make: a volume goes only while it carries the intent that made it;
 * - everything in it may be repeated; if it fails (array away) the intent stays, and the volume's next verb begins
 *   with it;
 * - whoever calls it holds the volume's lock, or nobody else runs yet.
 */

import { type Context, unstoppable, unwaited } from '../context.ts'
import { Defect, hasCode, reasonOf } from '../errors.ts'
import type { Host } from '../host/host.ts'
import type { VolumeName } from '../names.ts'
import type { Intent, Journal, MountIntent, UnmountIntent } from './state/journal.ts'
import type { MountRecord } from './state/mounts.ts'
import type { Parts } from './volumes.ts'

/** Writes the intent, runs the work, strikes the intent out. If the work throws, settles it and throws on. */
export async function during<I extends Intent, T>(
  parts: Parts,
  ctx: Context,
  intent: Omit<I, 'id'>,
  work: (begun: I, note: (learnt: Partial<I>) => Promise<void>) => Promise<T>,
): Promise<T> {
  let current = await parts.journal.begin<I>(intent)
  try {
    const result = await work(current, async (learnt) => {
      current = await parts.journal.note<I>(current, learnt)
    })
    await parts.journal.strike(current)
    return result
  } catch (error) {
    await trySettle(parts, unwaited(ctx), current)
    throw error
  }
}

/** Settles what earlier verbs on this volume left; throws if that is still not possible. */
export async function settleEarlier(parts: Parts, ctx: Context, name: VolumeName): Promise<void> {
  for (const intent of parts.journal.intents(name)) await settle(parts, ctx, intent)
}

/**
 * The same before a mount. A device that could not be let go because something else has it is no hindrance: it is here,
 * and is wanted again. The next last unmount tries again.
 */
export async function settleBeforeMount(parts: Parts, ctx: Context, name: VolumeName): Promise<void> {
  for (const intent of parts.journal.intents(name)) {
    try {
      await settle(parts, ctx, intent)
    } catch (error) {
      if (intent.verb !== 'unmount' || !hasCode(error, 'DEVICE_IN_USE')) throw error
      ctx.log.warn('The device of an earlier mount is still in use elsewhere; it is used again.', {
        volume: name,
        reason: reasonOf(error),
      })
      await parts.journal.strike(intent)
    }
  }
}

/**
 * Ends the mount of a volume that nobody claims: device, publication, record. Finishes one that failed earlier.
 * If that fails the intent stays, and the error says why.
 */
export async function endUnclaimed(parts: Parts, ctx: Context, name: VolumeName): Promise<void> {
  if (parts.mounts.total(name) > 0) return
  await settleEarlier(parts, ctx, name)
  const record = parts.mounts.get(name)
  if (record) await letGo(parts, ctx, name, record)
  parts.reads.invalidate()
}

/** Lets go of what is mounted, on record or not. */
export async function letGo(parts: Parts, ctx: Context, name: VolumeName, record: MountRecord): Promise<void> {
  const { array, mountpoint, publication } = record
  const intent = { verb: 'unmount', name, array, mountpoint, publication } as const
  await settle(parts, ctx, await parts.journal.begin<UnmountIntent>(intent))
}

/** At start, before anything that may take long: containers of frozen volumes cannot write. Needs no driver. */
export async function thawAll(host: Host, journal: Journal, ctx: Context): Promise<void> {
  for (const intent of journal.intents()) {
    if (!('frozen' in intent) || intent.frozen === undefined) continue
    const { name: volume, frozen } = intent
    await host.thaw(ctx, frozen).catch((error) => ctx.log.error('Cannot thaw.', { volume, reason: reasonOf(error) }))
  }
}

/**
 * At start, before any request: what a crash or a reboot left behind. What cannot be tidied up yet is logged, and kept
 * in the journal.
 *
 * @throws HostError STATE_UNWRITABLE
 */
export async function recover(parts: Parts, ctx: Context, bygone: ReadonlyMap<VolumeName, MountRecord>): Promise<void> {
  for (const intent of parts.journal.intents()) await trySettle(parts, ctx, intent)
  for (const [name, record] of bygone) await tryLetGo(parts, ctx, name, record)
  await reconcile(parts, ctx)
  await parts.mounts.save()
}

/** Makes the records agree with the kernel, which is right. */
async function reconcile(parts: Parts, ctx: Context): Promise<void> {
  const { host, mounts, settings } = parts
  const mounted = new Set(await host.mountsBelow(ctx, settings.mountRoot))

  for (const name of mounts.names()) {
    const record = mounts.get(name)!
    const claims = mounts.total(name)
    const isMounted = mounted.delete(record.mountpoint)
    if (isMounted && claims > 0) {
      ctx.log.info('A volume is still mounted.', { volume: name, mountpoint: record.mountpoint, claims })
      continue
    }
    if (claims > 0) {
      ctx.log.warn('A volume on record is no longer mounted; its claims are void.', { volume: name, claims })
      await mounts.void(name)
    }
    await tryLetGo(parts, ctx, name, record)
  }
  for (const mountpoint of mounted) {
    ctx.log.warn('Something is mounted that is not on record; it is left alone.', { mountpoint })
  }
}

async function tryLetGo(parts: Parts, ctx: Context, name: VolumeName, record: MountRecord): Promise<void> {
  try {
    await letGo(parts, ctx, name, record)
  } catch (error) {
    warnUnfinished(ctx, name, 'unmount', error)
  }
}

async function trySettle(parts: Parts, ctx: Context, intent: Intent): Promise<void> {
  try {
    await settle(parts, ctx, intent)
    ctx.log.info('Tidied up what was not finished.', { volume: intent.name, unfinished: intent.verb })
  } catch (error) {
    warnUnfinished(ctx, intent.name, intent.verb, error)
  }
}

function warnUnfinished(ctx: Context, volume: VolumeName, unfinished: string, error: unknown): void {
  const fields = { volume, unfinished, reason: reasonOf(error) }
  ctx.log.warn('Cannot tidy up yet; the next request for this volume begins with it.', fields)
}

async function settle(parts: Parts, ctx: Context, intent: Intent): Promise<void> {
  const { driver, host, journal, mounts } = parts
  const record = mounts.get(intent.name)

  switch (intent.verb) {
    case 'create':
    case 'snapshot':
      if (intent.frozen !== undefined) await host.thaw(unstoppable(ctx), intent.frozen)
      await driver.discard(ctx, intent.array, intent.id)
      break
    case 'mount':
      // On record, the mount was complete and only the striking-out is missing.
      if (!record) await takeBack(parts, ctx, intent)
      break
    case 'unmount':
      if (mounts.total(intent.name) > 0) break
      await takeBack(parts, ctx, intent)
      await mounts.end(intent.name)
      break
    default:
      throw new Defect(`The journal has an intent that is none: ${JSON.stringify(intent satisfies never)}.`)
  }
  parts.reads.invalidate()
  await journal.strike(intent)
}

/** Detaches what was attached and unpublishes what was published. */
async function takeBack(parts: Parts, ctx: Context, intent: MountIntent | UnmountIntent): Promise<void> {
  const { driver, host } = parts
  if (intent.publication) await host.detach(ctx, intent.publication, intent.mountpoint)
  await driver.unpublish(ctx, intent.array, await host.identity(ctx))
}
