/** Makes a volume as a copy of another, or of its snapshot. */

import type { Context } from '../context.ts'
import type { Driver, IntentId, OptionValues, Volume } from '../drivers/driver.ts'
import { RequestError } from '../errors.ts'
import type { ArrayName, VolumeName } from '../names.ts'
import { flushIfMounted, mountpointToFreeze, whileFrozen } from './quiet.ts'
import { arrayOf, dockerNameOf } from './request/array-name.ts'
import type { CreateRequest } from './request/options.ts'
import { grownSize } from './request/sizes.ts'
import type { CreateIntent } from './state/journal.ts'
import type { Parts } from './volumes.ts'

export interface CloneSource {
  readonly name: VolumeName
  /** The driver's, which has it. */
  readonly copy: NonNullable<Driver<OptionValues>['clone']>
}

export interface CloneRequest {
  readonly name: ArrayName
  readonly dockerName: VolumeName
  readonly source: CloneSource
  readonly request: CreateRequest
  readonly intent: IntentId
  readonly note: (learnt: Partial<CreateIntent>) => Promise<void>
}

/**
 * The caller holds the locks of both volumes and has journalled the intent.
 *
 * @throws RequestError VOLUME_NOT_FOUND | SNAPSHOT_NOT_FOUND | OPTION_INVALID | SIZE_TOO_SMALL | SIZE_TOO_LARGE
 */
export async function cloneVolume(parts: Parts, ctx: Context, clone: CloneRequest): Promise<void> {
  const { name, dockerName, request, intent, note } = clone
  const { name: source, copy: copyOnArray } = clone.source
  const snapshot = request.fromSnapshot
  const original = await findSource(parts, ctx, source, snapshot)
  refuseOther(parts, source, original, request)
  const size = grownSize(parts, request.size ?? original.size, original.size, `volume "${source}"`)

  const copy = (its: Context) =>
    copyOnArray(its, {
      name,
      dockerName,
      source: original.name,
      options: request.given,
      intent,
      ...(request.size !== undefined && { size }),
      ...(snapshot !== undefined && { snapshot }),
    })

  if (snapshot !== undefined) return copy(ctx)
  const frozen = await mountpointToFreeze(parts, ctx, source)
  if (frozen === undefined) {
    await flushIfMounted(parts, ctx, source)
    return copy(ctx)
  }
  await note({ frozen })
  await whileFrozen(parts, ctx, frozen, copy)
}

async function findSource(
  parts: Parts,
  ctx: Context,
  source: VolumeName,
  snapshot: string | undefined,
): Promise<Volume> {
  const original = await parts.driver.find(ctx, arrayOf(parts, source))
  if (!original || dockerNameOf(parts, original) !== source) {
    throw new RequestError('VOLUME_NOT_FOUND', `Cannot clone volume "${source}": it does not exist.`)
  }
  if (snapshot === undefined) return original
  const known = ((await parts.driver.snapshots?.list(ctx, original)) ?? []).map(({ name }) => name)
  if (known.includes(snapshot)) return original
  throw new RequestError(
    'SNAPSHOT_NOT_FOUND',
    `Snapshot "${snapshot}" does not exist in volume "${source}". ${known.length > 0 ? `It has: ${known.join(', ')}.` : 'It has none.'}`,
  )
}

/** What a clone has from its source, it can have in no other way. */
function refuseOther({ definition }: Parts, source: VolumeName, { options }: Volume, { given }: CreateRequest): void {
  for (const key of Object.keys(given).filter((key) => definition.options[key]?.inherited)) {
    const [has, asked] = [options[key], given[key]]
    if (has === undefined || asked === has) continue
    throw new RequestError(
      'OPTION_INVALID',
      `Cannot clone volume "${source}" to ${asked}: a clone has the ${key} of its source, which is ${has}. Leave ${key} out.`,
    )
  }
}
