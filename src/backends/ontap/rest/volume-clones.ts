/**
 * Clones of volumes, by REST. An array that takes a comment with the clone has the volume marked from its first moment.
 * One that ignores it, or refuses it, is given it afterwards; nothing is written to, or taken back, that cannot be told
 * to be ours.
 */

import { type Context, unwaited } from '../../../context.ts'
import type { NewOntapClone, OntapSvm, OntapVolume, OntapVolumes } from '../ontap.ts'
import type { RestClient } from './client.ts'
import { OntapFault } from './faults.ts'
import { cloning } from './volume-bodies.ts'
import { anothers, makeVolume, noneMade } from './volume-making.ts'

type Verbs = Pick<OntapVolumes, 'find' | 'change' | 'remove'>

export function restClones(client: RestClient, svm: OntapSvm, verbs: Verbs): OntapVolumes['clone'] {
  const { find, change, remove } = verbs
  let takesComment = true

  /** @returns UUID of the clone, where the array tells */
  async function make(ctx: Context, clone: NewOntapClone): Promise<string | undefined> {
    const bare = () => makeVolume(client, ctx, cloning(svm, clone, false))
    if (!takesComment) return bare()
    try {
      return await makeVolume(client, ctx, cloning(svm, clone, true))
    } catch (error) {
      if (!(error instanceof OntapFault && NOT_TO_BE_SET.includes(error.fault))) throw error
      const uuid = await bare()
      takesComment = false
      return uuid
    }
  }

  async function findMade(ctx: Context, { name }: NewOntapClone, uuid: string | undefined): Promise<OntapVolume> {
    const found = await find(ctx, name).catch((error: unknown) => {
      ctx.log.warn('A clone may be left that has no comment.', { volume: name, uuid, error })
      throw error
    })
    if (found === undefined) throw noneMade(client.address, name)
    return found
  }

  /** Whether nobody has given it a comment of its own. */
  async function isBlank(ctx: Context, { source }: NewOntapClone, { comment }: OntapVolume): Promise<boolean> {
    return comment === '' || comment === (await find(ctx, source))?.comment
  }

  /** @param blank as it was before it was to be marked; the answer to that may have been lost */
  async function takeBack(ctx: Context, blank: OntapVolume): Promise<void> {
    try {
      const found = await find(ctx, blank.name)
      if (found?.uuid === blank.uuid && found.comment === blank.comment) await remove(ctx, found, { purge: true })
    } catch (error) {
      ctx.log.warn('A clone is left that has no comment.', { volume: blank.name, uuid: blank.uuid, error })
    }
  }

  return async (ctx, clone) => {
    const uuid = await make(ctx, clone)
    const work = unwaited(ctx)
    const found = await findMade(work, clone, uuid)
    if (found.comment === clone.comment) return found
    if (found.uuid !== uuid || !(await isBlank(work, clone, found))) throw anothers(client.address, clone.name)
    try {
      await change(work, found, { comment: clone.comment })
    } catch (error) {
      await takeBack(work, found)
      throw error
    }
    return { ...found, comment: clone.comment }
  }
}

/** Faults of a field that the array does not know, or does not take here. */
const NOT_TO_BE_SET = ['262179', '262196']
