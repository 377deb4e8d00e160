/** Snapshots of a FlexVol or FlexGroup. Those of ours carry their intent in the comment. */

import type { Ontap, OntapVolume } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import type { ArrayName } from '../../names.ts'
import type { IntentId, Snapshot, SnapshotOperations } from '../driver.ts'

/** @param get the volume of a name; throws NOT_FOUND */
export function snapshotsOf(
  { snapshots }: Ontap,
  get: (ctx: Context, name: ArrayName) => Promise<OntapVolume>,
): SnapshotOperations {
  return {
    async list(ctx, { name, id = '' }): Promise<readonly Snapshot[]> {
      return snapshots.ofVolume(ctx, { name, uuid: id })
    },
    async create(ctx, name, snapshot, intent) {
      await snapshots.create(ctx, await get(ctx, name), snapshot, intent)
    },
    async remove(ctx, name, snapshot) {
      await snapshots.remove(ctx, await get(ctx, name), snapshot)
    },
    async restore(ctx, name, snapshot) {
      await snapshots.restore(ctx, await get(ctx, name), snapshot)
    },
  }
}

/** Removes what an interrupted attempt has left. */
export async function discardSnapshots(
  ctx: Context,
  { snapshots }: Ontap,
  volume: OntapVolume,
  intent: IntentId,
): Promise<void> {
  if (volume.snapshotCount === 0 || volume.state !== 'online') return
  for (const { name, comment } of await snapshots.ofVolume(ctx, volume)) {
    if (comment === intent) await snapshots.remove(ctx, volume, name)
  }
}
