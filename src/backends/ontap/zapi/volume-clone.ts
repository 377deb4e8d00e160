/** Cloning a volume: made in one call, and given its comment, its name and its place in the namespace in others. */

import type { Context } from '../../../context.ts'
import { unwaited } from '../../../context.ts'
import { hasCode } from '../../../errors.ts'
import { nameInTheMaking } from '../clone-names.ts'
import type { NewOntapClone, OntapVolume } from '../ontap.ts'
import type { Client } from './client.ts'
import { cloneFlexGroup } from './flexgroup-clone.ts'
import { unfinished, warnOfRemnant } from './unfinished-clone.ts'
import { mountVolume } from './volume-change.ts'
import { whenOnline } from './volume-create.ts'
import { findVolume } from './volume-find.ts'
import { modifyVolume } from './volume-modify.ts'
import { destroyVolume } from './volume-remove.ts'

export function cloneVolume(client: Client, ctx: Context, clone: NewOntapClone): Promise<OntapVolume> {
  return clone.style === 'flexgroup' ? cloneFlexGroup(client, ctx, clone) : cloneFlexVol(client, ctx, clone)
}

/**
 * - Until it has its comment, a clone has a name that says whose it is.
 * - What is taken back is found by that name, or has the comment.
 */
async function cloneFlexVol(client: Client, ctx: Context, clone: NewOntapClone): Promise<OntapVolume> {
  await makeClone(client, ctx, clone)
  const [brief, work] = [client.brief, unwaited(ctx)]
  try {
    const { name, intent, comment, junctionPath } = clone
    await modifyVolume(brief, work, { name: nameInTheMaking(intent), style: 'flexvol' }, { comment })
    await rename(brief, work, clone)
    await mountVolume(brief, work, name, junctionPath)
    return await whenOnline(brief, work, name)
  } catch (error) {
    await takeBack(brief, work, clone)
    throw unfinished(error)
  }
}

async function makeClone(client: Client, ctx: Context, clone: NewOntapClone): Promise<void> {
  const { source, snapshot, intent } = clone
  const volume = nameInTheMaking(intent)
  const input = { volume, 'parent-volume': source, 'parent-snapshot': snapshot }
  try {
    await client.run(ctx, { api: 'volume-clone-create', input }, 'if-refused')
  } catch (error) {
    // An answer may have been lost; the name is nobody else's.
    if (!hasCode(error, 'UNREACHABLE', 'MALFORMED', 'ALREADY_EXISTS') || ctx.signal.aborted) throw error
    const made = await findVolume(client.brief, unwaited(ctx), volume)
    if (made?.clonedFrom?.volume !== source) throw error
  }
}

/** @throws BackendError ALREADY_EXISTS */
async function rename(client: Client, ctx: Context, { name, intent, comment }: NewOntapClone): Promise<void> {
  const volume = nameInTheMaking(intent)
  try {
    await client.run(ctx, { api: 'volume-rename', input: { volume, 'new-volume-name': name } }, 'freely')
  } catch (error) {
    // The answer to the first try may have been lost.
    if (hasCode(error, 'ALREADY_EXISTS') || (await findVolume(client, ctx, volume))) throw error
    if ((await findVolume(client, ctx, name))?.comment !== comment) throw error
  }
}

async function takeBack(client: Client, ctx: Context, clone: NewOntapClone): Promise<void> {
  const { name, intent, source, comment } = clone
  try {
    const unnamed = await findVolume(client, ctx, nameInTheMaking(intent))
    const doomed = unnamed ?? (await findVolume(client, ctx, name))
    if (doomed && (unnamed || (doomed.clonedFrom?.volume === source && doomed.comment === comment))) {
      await destroyVolume(client, ctx, doomed)
    }
  } catch (error) {
    warnOfRemnant(ctx, nameInTheMaking(intent), error)
  }
}
