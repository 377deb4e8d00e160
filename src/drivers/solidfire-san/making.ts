/**
 * One volume of a name, though the array makes as many as it is asked for.
 *
 * Each creator makes a volume, then looks who else did: the oldest wins, and whoever sees an older one than its own takes
 * its own back. A creator that got no answer looks as well, and finds its volume by the intent it carries.
 */

import type { Element, ElementVolume } from '../../backends/element/element.ts'
import type { Context } from '../../context.ts'
import { BackendError, hasCode } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import type { IntentId } from '../driver.ts'
import { intentIn } from './marks.ts'
import type { Tenant } from './tenant.ts'

/** @throws BackendError ALREADY_EXISTS; what `make` throws, when it has made nothing */
export async function makeTheOne(
  { element, tenant }: { readonly element: Element; readonly tenant: Tenant },
  ctx: Context,
  { name, intent }: { readonly name: ArrayName; readonly intent: IntentId },
  make: () => Promise<unknown>,
): Promise<ElementVolume> {
  const fault = await make().then(
    () => undefined,
    (error) => error,
  )
  // These two leave open what became of the call.
  if (fault !== undefined && !hasCode(fault, 'UNREACHABLE', 'MALFORMED')) throw fault

  const [oldest, ...others] = await tenant.named(ctx, name)
  const ours = (volume: ElementVolume) => intentIn(volume.attributes) === intent
  for (const volume of others.filter(ours)) await takeBack(element, ctx, volume.id)
  if (oldest && ours(oldest)) return element.volumes.finished(ctx, oldest)
  if (oldest) throw taken(name, oldest)
  throw fault ?? vanished(name)
}

/** Removes a volume that nobody has used yet, with nothing left to restore. Safe to repeat. */
export async function takeBack({ volumes }: Element, ctx: Context, id: number): Promise<void> {
  await ignoreNotFound(volumes.remove(ctx, id))
  await ignoreNotFound(volumes.purge(ctx, id))
}

async function ignoreNotFound(work: Promise<void>): Promise<void> {
  await work.catch((error) => {
    if (!hasCode(error, 'NOT_FOUND')) throw error
  })
}

function taken(name: ArrayName, { id }: ElementVolume): BackendError {
  return new BackendError('ALREADY_EXISTS', `Volume "${name}" is on the array already, as volumeID ${id}.`)
}

function vanished(name: ArrayName): BackendError {
  return new BackendError('BUSY', `Volume "${name}" was made, and removed on the array at once. Try again.`)
}
