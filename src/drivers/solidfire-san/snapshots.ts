/** Snapshots of Element volumes. Their names need not be unique on the array; here they are. */

import type { Element, ElementSnapshot } from '../../backends/element/element.ts'
import type { Context } from '../../context.ts'
import { BackendError } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import type { Snapshot, SnapshotOperations } from '../driver.ts'
import { formatIn, snapshotAttributesOf } from './marks.ts'
import type { Tenant } from './tenant.ts'

export function snapshotsOf(element: Element, tenant: Tenant): SnapshotOperations {
  return {
    async list(ctx, { id, name }) {
      const volumeId = id === undefined ? (await tenant.get(ctx, name)).id : Number(id)
      return (await element.snapshots.ofVolume(ctx, volumeId)).map(snapshotOf)
    },

    async create(ctx, name, snapshot, intent) {
      const volume = await tenant.get(ctx, name)
      const known = await element.snapshots.ofVolume(ctx, volume.id)
      if (known.some((other) => other.name === snapshot)) {
        throw new BackendError('ALREADY_EXISTS', `Volume "${name}" has a snapshot "${snapshot}" already.`)
      }
      const format = formatIn(volume.attributes, `volume "${name}"`)
      if (format.state === 'formatting') {
        throw new BackendError('BUSY', `Cannot take a snapshot of "${name}" while it is being formatted. Try again.`)
      }
      const attributes = snapshotAttributesOf(format, intent)
      await element.snapshots.create(ctx, volume.id, snapshot, attributes)
    },

    async remove(ctx, name, snapshot) {
      const { id } = await snapshotNamed(element, ctx, name, (await tenant.get(ctx, name)).id, snapshot)
      await element.snapshots.remove(ctx, id)
    },

    async restore(ctx, name, snapshot) {
      const volume = await tenant.get(ctx, name)
      const { id } = await snapshotNamed(element, ctx, name, volume.id, snapshot)
      await element.snapshots.restore(ctx, volume.id, id)
    },
  }
}

/** @throws BackendError NOT_FOUND | AMBIGUOUS */
export async function snapshotNamed(
  element: Element,
  ctx: Context,
  name: ArrayName,
  volumeId: number,
  snapshot: string,
): Promise<ElementSnapshot> {
  const found = (await element.snapshots.ofVolume(ctx, volumeId)).filter((known) => known.name === snapshot)
  const [first, ...others] = found
  if (!first) throw new BackendError('NOT_FOUND', `Volume "${name}" has no snapshot "${snapshot}" on the array.`)
  if (others.length === 0) return first
  const rows = found.map(({ id, createdAt }) => `snapshotID ${id} (made ${createdAt.toISOString()})`)
  throw new BackendError(
    'AMBIGUOUS',
    `${found.length} snapshots of volume "${name}" are named "${snapshot}": ${rows.join('; ')}. Delete all but one on the array.`,
  )
}

export function snapshotOf({ name, createdAt, size }: ElementSnapshot): Snapshot {
  return { name, createdAt, size }
}
