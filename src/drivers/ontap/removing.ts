/** Removing a FlexVol or FlexGroup: the very one that was found, and none that others are cloned from. */

import type { Ontap } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import { BackendError, hasCode } from '../../errors.ts'
import { type ArrayName, volumeNameOf } from '../../names.ts'
import type { Finding } from './finding.ts'
import { marksIn } from './marks.ts'
import { ownerOf, type ViewSettings } from './volume-view.ts'

interface RemovingParts {
  readonly ontap: Ontap
  readonly finding: Finding
  readonly view: ViewSettings
}

interface Doomed {
  readonly name: ArrayName
  readonly uuid: string
  readonly purge: boolean
}

/** @throws BackendError NOT_FOUND | HAS_DEPENDENTS, naming its clones | REFUSED */
export async function removeVolume(
  { ontap, finding, view }: RemovingParts,
  ctx: Context,
  { name, uuid, purge }: Doomed,
): Promise<void> {
  const volume = { name, uuid, style: view.style }
  try {
    // Over ZAPI the array may have taken the volume offline by the time it refuses.
    if (finding.seen(name)?.cloneCount) throw new BackendError('HAS_DEPENDENTS', `Volume "${name}" has clones.`)
    await ontap.volumes.remove(ctx, volume, { purge })
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) await ensureGone(finding, ctx, name, uuid)
    if (!hasCode(error, 'HAS_DEPENDENTS')) throw error
    const clones = await ontap.volumes.clonesOf(ctx, volume).catch(() => undefined)
    throw keptFor(name, clones && (await inDocker({ finding, view }, ctx, clones)), error)
  }
  finding.forget(name)
}

/** What an array says not to be there may be something else than the volume. @throws BackendError REFUSED */
async function ensureGone(finding: Finding, ctx: Context, name: ArrayName, uuid: string): Promise<void> {
  if ((await finding.find(ctx, name))?.uuid !== uuid) return
  throw new BackendError(
    'REFUSED',
    `The array says of volume "${name}", which it lists, that it is not there. It was not removed; see the array's event log.`,
  )
}

/** `netappdvp_b ("b" in Docker)`; the array's name alone for another's, and for more than a few. */
async function inDocker(
  { finding, view }: Pick<RemovingParts, 'finding' | 'view'>,
  ctx: Context,
  clones: readonly string[],
): Promise<readonly string[]> {
  const named = clones.slice(0, MOST_LOOKS).map(async (clone) => {
    const found = await finding.find(ctx, clone as ArrayName).catch(() => undefined)
    if (!found || ownerOf(found, view) !== undefined) return clone
    const name = marksIn(found.comment)?.name ?? volumeNameOf(clone as ArrayName, view.arrayPrefix)
    return name === undefined ? clone : `${clone} ("${name}" in Docker)`
  })
  return [...(await Promise.all(named)), ...clones.slice(MOST_LOOKS)]
}

/** Each is a call. */
const MOST_LOOKS = 10

/** @param clones undefined when the array did not name them */
function keptFor(name: ArrayName, clones: readonly string[] | undefined, cause: unknown): BackendError {
  return new BackendError('HAS_DEPENDENTS', `Volume "${name}" was kept: ${dependence(clones)}, then try again.`, {
    cause,
  })
}

/** Clones that were removed wait in the recovery queue for their end, and the source with them. */
function dependence(clones: readonly string[] | undefined): string {
  const remedy = 'Remove what is cloned, or split it off ("volume clone split start")'
  if (clones === undefined) return `it has clones. ${remedy}`
  if (clones.length > 1) return `${clones.join(', ')} are clones of it. ${remedy}`
  if (clones.length === 1) return `${clones[0]} is a clone of it. ${remedy}`
  return 'it has clones in the recovery queue. Wait until they are gone, some twelve hours, or purge them ("volume recovery-queue purge")'
}
