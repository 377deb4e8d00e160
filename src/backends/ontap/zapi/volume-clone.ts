/** Cloning a volume: made in one call, and given its comment and its place in the namespace in two more. */

import type { Context } from '../../../context.ts'
import { unwaited } from '../../../context.ts'
import { BackendError, reasonOf } from '../../../errors.ts'
import type { NewOntapClone, OntapVolume } from '../ontap.ts'
import { atLeast } from '../releases.ts'
import type { Client } from './client.ts'
import { readBegun, waitUntilDone } from './jobs.ts'
import { zapiSnapshots } from './snapshots.ts'
import { mountVolume } from './volume-change.ts'
import { isAnothers, whenOnline } from './volume-create.ts'
import { modifyVolume, noSuchVolume } from './volume-modify.ts'
import { destroyVolume } from './volume-remove.ts'
import type { FindVolume } from './volumes.ts'

export async function cloneVolume(
  client: Client,
  find: FindVolume,
  ctx: Context,
  clone: NewOntapClone,
): Promise<OntapVolume> {
  await makeClone(client, find, ctx, clone)
  const work = unwaited(ctx)
  try {
    const { name, style, comment, junctionPath } = clone
    await modifyVolume(client, find, work, { name, style }, { comment })
    await mountVolume(client, find, work, name, junctionPath)
    return await whenOnline(client, find, work, name)
  } catch (error) {
    await takeBack(client, find, work, clone)
    throw error
  }
}

async function makeClone(client: Client, find: FindVolume, ctx: Context, clone: NewOntapClone): Promise<void> {
  const { name, source, snapshot, style } = clone
  const input = { volume: name, 'parent-volume': source, 'parent-snapshot': snapshot }
  if (style === 'flexvol') return client.run(ctx, { api: 'volume-clone-create', input }, 'if-refused')
  if (!atLeast(client.release, '9.7')) {
    throw new BackendError(
      'REFUSED',
      `Cannot clone "${source}" as "${name}" on ${client.address}: clones of a FlexGroup need ONTAP 9.7, and the array runs ${client.release.text}.`,
    )
  }
  await ensurePossible(client, find, ctx, clone)
  const api = 'volume-clone-create-async'
  const begun = await client.call(ctx, { api, input }, 'if-refused', readBegun)
  const made = async (work: Context) => {
    const found = await find(work, name)
    if (found && found.clonedFrom?.volume !== source) throw isAnothers(client, name)
    return found?.state === 'online'
  }
  await waitUntilDone(client, ctx, api, begun, made)
}

/** A job tells what is wrong only to users who may see jobs, which those of an SVM may not on every release. */
async function ensurePossible(client: Client, find: FindVolume, ctx: Context, clone: NewOntapClone): Promise<void> {
  const [original, other] = await Promise.all([find(ctx, clone.source), find(ctx, clone.name)])
  if (!original) throw noSuchVolume(client, clone.source)
  if (other) throw isAnothers(client, clone.name)
  if (clone.snapshot === undefined) return
  const snapshots = await zapiSnapshots(client, find).ofVolume(ctx, original)
  if (snapshots.some(({ name }) => name === clone.snapshot)) return
  throw new BackendError(
    'NOT_FOUND',
    `Volume "${clone.source}" on ${client.address} has no snapshot "${clone.snapshot}".`,
  )
}

/** A clone without its comment would be nobody's. */
async function takeBack(client: Client, find: FindVolume, ctx: Context, { name, style }: NewOntapClone): Promise<void> {
  try {
    await destroyVolume(client, find, ctx, { name, style })
  } catch (error) {
    ctx.log.warn(
      `A clone could not be finished, nor taken back: ${reasonOf(error)}. Delete volume "${name}" on the array.`,
    )
  }
}
