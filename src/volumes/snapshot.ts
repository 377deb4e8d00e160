/** Takes a snapshot of a volume, in use or not. */

import type { Context } from '../context.ts'
import { hasCode, RequestError } from '../errors.ts'
import { parseVolumeName, type VolumeName } from '../names.ts'
import { flushIfMounted, mountpointToFreeze, whileFrozen } from './quiet.ts'
import { during, settleEarlier } from './recover.ts'
import { arrayOf } from './request/array-name.ts'
import type { SnapshotIntent } from './state/journal.ts'
import type { Parts } from './volumes.ts'

/** @throws RequestError NAME_INVALID | VOLUME_NOT_FOUND | NOT_SUPPORTED; BackendError ALREADY_EXISTS | FULL */
export async function createSnapshot(parts: Parts, ctx: Context, name: VolumeName, snapshot: string): Promise<void> {
  const { driver, locks, settings } = parts
  const { snapshots } = driver
  if (!snapshots) {
    throw new RequestError('NOT_SUPPORTED', `Cannot take a snapshot of "${name}": ${settings.driverName} has none.`)
  }
  const checked = parseVolumeName(snapshot)
  const array = arrayOf(parts, name)

  await locks.hold(ctx, [name], 'snapshot', async () => {
    await settleEarlier(parts, ctx, name)
    const frozen = await mountpointToFreeze(parts, ctx, name)
    const intent = { verb: 'snapshot', name, array, ...(frozen !== undefined && { frozen }) } as const
    try {
      await during<SnapshotIntent, void>(parts, ctx, intent, async ({ id }) => {
        const copy = (its: Context) => snapshots.create(its, array, checked, id)
        if (frozen !== undefined) return whileFrozen(parts, ctx, frozen, copy)
        await flushIfMounted(parts, ctx, name)
        return copy(ctx)
      })
    } catch (error) {
      if (!hasCode(error, 'NOT_FOUND')) throw error
      throw new RequestError('VOLUME_NOT_FOUND', `Volume "${name}" does not exist.`, { cause: error })
    } finally {
      parts.reads.invalidate()
    }
  })
}
