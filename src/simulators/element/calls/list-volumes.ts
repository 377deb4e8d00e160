/** Lists of volumes, each with rules of its own. All are in the order of IDs. */

import { invalidParameter, noAccountId } from '../faults.ts'
import { VOLUMES_PER_REPLY } from '../limits.ts'
import type { Params } from '../params.ts'
import type { ElementArray, Volume } from '../state.ts'
import { type View, volumeView } from '../views.ts'

/**
 * ListVolumes. Deleted volumes too unless a status is asked for; IDs nobody has are passed over in silence.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_listvolumes.html
 */
export function listVolumes(array: ElementArray, params: Params, version: string): View {
  const accounts = nonEmpty(params.optionalNumbers('accounts'))
  const ids = nonEmpty(params.optionalNumbers('volumeIDs'))
  const start = params.optionalNumber('startVolumeID')
  const limit = params.optionalNumber('limit')
  if (ids && (accounts ?? start ?? limit) !== undefined) {
    throw invalidParameter('volumeIDs cannot be given together with accounts, startVolumeID or limit.')
  }
  const status = params.optionalText('volumeStatus')
  const paired = params.optionalFlag('isPaired') ?? false
  const name = params.optionalText('volumeName')

  const found = candidates(array, { ids, accounts, name }).filter(
    (volume) =>
      volume.volumeID >= (start ?? 0) &&
      (accounts === undefined || accounts.includes(volume.accountID)) &&
      (name === undefined || volume.name === name) &&
      (status === undefined || volume.status === status),
  )
  // No volume of a simulated array is paired.
  return viewsOf(array, paired ? [] : found.slice(0, limit ?? VOLUMES_PER_REPLY), version)
}

/**
 * ListActiveVolumes. No look-up: with `startVolumeID` of a volume that is gone, the list begins at the next one.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_listactivevolumes.html
 */
export function listActiveVolumes(array: ElementArray, params: Params, version: string): View {
  const active = array.volumes.all().filter(({ status }) => status !== 'deleted')
  return viewsOf(array, pageOf(active, params), version)
}

/**
 * ListVolumesForAccount. Deleted volumes stay in it until they are purged.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_listvolumesforaccount.html
 */
export function listVolumesForAccount(array: ElementArray, params: Params, version: string): View {
  const accountID = params.number('accountID')
  if (!array.accounts.has(accountID)) throw noAccountId(accountID)
  return viewsOf(array, pageOf(array.volumes.ofAccount(accountID), params), version)
}

/** GetVolumeCount. */
export function getVolumeCount({ volumes }: ElementArray): View {
  return { count: volumes.size }
}

interface Wanted {
  readonly ids: readonly number[] | undefined
  readonly accounts: readonly number[] | undefined
  readonly name: string | undefined
}

/** The smallest list at hand that has all that is wanted. */
function candidates({ volumes }: ElementArray, { ids, accounts, name }: Wanted): readonly Volume[] {
  if (ids) return [...new Set(ids)].sort((a, b) => a - b).flatMap((id) => volumes.get(id) ?? [])
  if (name !== undefined) return volumes.named(name)
  const [accountID] = accounts ?? []
  return accountID !== undefined && accounts?.length === 1 ? volumes.ofAccount(accountID) : volumes.all()
}

function pageOf(volumes: readonly Volume[], params: Params): readonly Volume[] {
  const start = params.optionalNumber('startVolumeID') ?? 0
  const limit = params.optionalNumber('limit')
  return volumes.filter(({ volumeID }) => volumeID >= start).slice(0, limit)
}

function viewsOf(array: ElementArray, volumes: readonly Volume[], version: string): View {
  return { volumes: volumes.map((volume) => volumeView(array, volume, version)) }
}

function nonEmpty(numbers: readonly number[] | undefined): readonly number[] | undefined {
  return numbers?.length === 0 ? undefined : numbers
}
