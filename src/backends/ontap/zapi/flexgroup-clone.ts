/** Cloning a FlexGroup, by a job. */

import type { Context } from '../../../context.ts'
import { unwaited } from '../../../context.ts'
import { BackendError, hasCode } from '../../../errors.ts'
import type { NewOntapClone, OntapVolume } from '../ontap.ts'
import type { Client } from './client.ts'
import { comesAbout, readBegun, waitUntilDone } from './jobs.ts'
import { zapiSnapshots } from './snapshots.ts'
import { unfinished, warnOfRemnant } from './unfinished-clone.ts'
import { mountVolume, unmountVolume } from './volume-change.ts'
import { hasFlexGroupClones, junctionInTheMaking } from './volume-clone-marks.ts'
import { isAnothers, whenOnline } from './volume-create.ts'
import { findVolume, noSuchVolume } from './volume-find.ts'
import { modifyVolume } from './volume-modify.ts'
import { destroyVolume } from './volume-remove.ts'

/**
 * It has its name from the beginning: that the API to rename FlexVols in a job takes a FlexGroup is nowhere said.
 *
 * - Until it has its comment, it is mounted where only this attempt mounts anything.
 * - What is commented, mounted and taken back was seen to be so, and is the one of that UUID.
 */
export async function cloneFlexGroup(client: Client, ctx: Context, clone: NewOntapClone): Promise<OntapVolume> {
  await ensurePossible(client, ctx, clone)
  const [brief, work] = [client.brief, unwaited(ctx)]
  try {
    await makeClone(client, ctx, clone)
    return await finish(brief, work, clone).catch((error: unknown) => {
      throw unfinished(error)
    })
  } catch (error) {
    await takeBack(brief, work, clone)
    throw error
  }
}

/** A job tells what is wrong only to users who may see jobs, which those of an SVM may not on every release. */
async function ensurePossible(client: Client, ctx: Context, { name, source, snapshot }: NewOntapClone): Promise<void> {
  if (!hasFlexGroupClones(client)) {
    throw new BackendError(
      'REFUSED',
      `Cannot clone "${source}" as "${name}" on ${client.address}: clones of a FlexGroup need ONTAP 9.7, and the array runs ${client.release.text}.`,
    )
  }
  const [original, other] = await Promise.all([findVolume(client, ctx, source), findVolume(client, ctx, name)])
  if (!original) throw noSuchVolume(client, source)
  if (other) throw isAnothers(client, name)
  if (snapshot === undefined) return
  const snapshots = await zapiSnapshots(client).ofVolume(ctx, original)
  if (snapshots.some(({ name }) => name === snapshot)) return
  throw new BackendError('NOT_FOUND', `Volume "${source}" on ${client.address} has no snapshot "${snapshot}".`)
}

async function makeClone(client: Client, ctx: Context, clone: NewOntapClone): Promise<void> {
  const { name, source, snapshot, intent } = clone
  const api = 'volume-clone-create-async'
  const input = {
    volume: name,
    'parent-volume': source,
    'parent-snapshot': snapshot,
    'junction-path': junctionInTheMaking(intent),
  }
  const made = async (work: Context) => {
    const found = await findVolume(client, work, name)
    if (found && !isOwn(found, clone)) throw isAnothers(client, name)
    return found?.state === 'online'
  }
  try {
    const begun = await client.call(ctx, { api, input }, 'if-refused', readBegun)
    await waitUntilDone(client, ctx, api, begun, made)
  } catch (error) {
    // An answer may have been lost, and the array be at it.
    if (!hasCode(error, 'UNREACHABLE', 'MALFORMED') || ctx.signal.aborted) throw error
    if (!(await comesAbout(unwaited(ctx), made))) throw error
  }
}

async function finish(client: Client, ctx: Context, clone: NewOntapClone): Promise<OntapVolume> {
  const { name, comment, junctionPath } = clone
  const { uuid, ...made } = await whenOnline(client, ctx, name)
  if (!isOwn(made, clone)) throw isAnothers(client, name)
  await modifyVolume(client, ctx, { name, style: 'flexgroup', uuid }, { comment })
  await unmountVolume(client, ctx, name)
  await mountVolume(client, ctx, name, junctionPath)
  return whenOnline(client, ctx, name)
}

/** As long as it is in the making. */
function isOwn({ junctionPath }: Pick<OntapVolume, 'junctionPath'>, { intent }: NewOntapClone): boolean {
  return junctionPath === junctionInTheMaking(intent)
}

async function takeBack(client: Client, ctx: Context, clone: NewOntapClone): Promise<void> {
  const { name, source, comment } = clone
  try {
    const found = await findVolume(client, ctx, name)
    if (!found || found.clonedFrom?.volume !== source) return
    if (isOwn(found, clone) || (comment !== '' && found.comment === comment)) await destroyVolume(client, ctx, found)
  } catch (error) {
    warnOfRemnant(ctx, name, error)
  }
}
