/** Volume access groups: initiators that reach volumes without CHAP. */

import { Fault, invalidParameter, noAccessGroup, tooMany } from '../faults.ts'
import type { Params } from '../params.ts'
import { type AccessGroup, type ElementArray, nextId } from '../state.ts'
import { accessGroupView, groupsOf, type View } from '../views.ts'
import { initiatorIds } from './initiators.ts'
import { liveVolume } from './volumes.ts'

/**
 * CreateVolumeAccessGroup. Initiators nobody has named yet are made.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_createvolumeaccessgroup.html
 */
export function createVolumeAccessGroup(array: ElementArray, params: Params): View {
  const { limits, accessGroups } = array
  if (accessGroups.size >= limits.volumeAccessGroupCountMax) {
    throw tooMany('volume access groups', limits.volumeAccessGroupCountMax)
  }
  const name = groupName(array, params.text('name'))
  const volumes = params.optionalNumbers('volumes') ?? []
  for (const id of volumes) liveVolume(array, id)
  const attributes = params.optionalAttributes() ?? {}
  const group = withInitiators(
    array,
    { volumeAccessGroupID: nextId(array, 'accessGroup'), name, initiatorIDs: [], attributes },
    initiatorIds(array, params.optionalList('initiators') ?? []),
  )
  accessGroups.set(group.volumeAccessGroupID, group)
  setMembers(array, group, volumes)
  return { volumeAccessGroup: accessGroupView(array, group), volumeAccessGroupID: group.volumeAccessGroupID }
}

/** ListVolumeAccessGroups: those asked for, or a page. */
export function listVolumeAccessGroups(array: ElementArray, params: Params): View {
  const ids = params.optionalNumbers('volumeAccessGroups') ?? []
  const start = params.optionalNumber('startVolumeAccessGroupID') ?? 0
  const all = [...array.accessGroups.values()].filter(({ volumeAccessGroupID: id }) =>
    ids.length > 0 ? ids.includes(id) : id >= start,
  )
  const page = all.slice(0, params.optionalNumber('limit'))
  return {
    volumeAccessGroups: page.map((group) => accessGroupView(array, group)),
    volumeAccessGroupsNotFound: ids.filter((id) => !array.accessGroups.has(id)),
  }
}

/** ModifyVolumeAccessGroup. Lists that are given replace those there were. */
export function modifyVolumeAccessGroup(array: ElementArray, params: Params): View {
  const old = groupById(array, params)
  const volumes = params.optionalNumbers('volumes')
  for (const id of volumes ?? []) liveVolume(array, id)
  const initiators = params.optionalList('initiators')
  const renamed = {
    ...old,
    name: groupName(array, params.optionalText('name') ?? old.name),
    attributes: params.optionalAttributes() ?? old.attributes,
  }
  const group = initiators
    ? withInitiators(array, { ...renamed, initiatorIDs: [] }, initiatorIds(array, initiators))
    : renamed
  array.accessGroups.set(group.volumeAccessGroupID, group)
  if (volumes) setMembers(array, group, volumes)
  return { volumeAccessGroup: accessGroupView(array, group) }
}

/** DeleteVolumeAccessGroup. Volumes and initiators stay. */
export function deleteVolumeAccessGroup(array: ElementArray, params: Params): View {
  const group = groupById(array, params)
  if (group.initiatorIDs.length > 0 && params.optionalFlag('force') === false) {
    throw invalidParameter('The volume access group has initiators; give force to delete it.')
  }
  for (const { volumeID } of array.volumes.all()) setMember(array, group, volumeID, false)
  array.accessGroups.delete(group.volumeAccessGroupID)
  return {}
}

/** AddInitiatorsToVolumeAccessGroup. */
export function addInitiators(array: ElementArray, params: Params): View {
  const added = withInitiators(array, groupById(array, params), initiatorIds(array, listOf(params, 'initiators')))
  array.accessGroups.set(added.volumeAccessGroupID, added)
  return { volumeAccessGroup: accessGroupView(array, added) }
}

/** RemoveInitiatorsFromVolumeAccessGroup. @throws Fault xNotInVolumeAccessGroup */
export function removeInitiators(array: ElementArray, params: Params): View {
  const old = groupById(array, params)
  const ids = initiatorIds(array, listOf(params, 'initiators'))
  const stranger = ids.find((id) => !old.initiatorIDs.includes(id))
  if (stranger !== undefined) throw notIn(old, `Initiator ${stranger}`)
  const group = { ...old, initiatorIDs: old.initiatorIDs.filter((id) => !ids.includes(id)) }
  array.accessGroups.set(group.volumeAccessGroupID, group)
  return { volumeAccessGroup: accessGroupView(array, group) }
}

/** AddVolumesToVolumeAccessGroup. One that is a member already is accepted; some versions refuse it. */
export function addVolumes(array: ElementArray, params: Params): View {
  const group = groupById(array, params)
  const ids = numbersOf(params, 'volumes')
  for (const id of ids) liveVolume(array, id)
  for (const id of ids) setMember(array, group, id, true)
  return { volumeAccessGroup: accessGroupView(array, group) }
}

/** RemoveVolumesFromVolumeAccessGroup. @throws Fault xNotInVolumeAccessGroup */
export function removeVolumes(array: ElementArray, params: Params): View {
  const group = groupById(array, params)
  const ids = numbersOf(params, 'volumes')
  for (const id of ids) {
    if (!isMember(array, group, id)) throw notIn(group, `Volume ${id}`)
  }
  for (const id of ids) setMember(array, group, id, false)
  return { volumeAccessGroup: accessGroupView(array, group) }
}

function groupById({ accessGroups }: ElementArray, params: Params): AccessGroup {
  const id = params.number('volumeAccessGroupID')
  const group = accessGroups.get(id)
  if (!group) throw noAccessGroup(id)
  return group
}

function groupName({ limits }: ElementArray, name: string): string {
  const { volumeAccessGroupNameLengthMax: most } = limits
  if (name.length >= 1 && name.length <= most) return name
  throw invalidParameter(`The name of a volume access group must be 1 to ${most} characters.`)
}

/** @throws Fault xAlreadyInVolumeAccessGroup | xExceededLimit */
function withInitiators(array: ElementArray, group: AccessGroup, ids: readonly number[]): AccessGroup {
  const { limits } = array
  for (const id of ids) {
    const others = groupsOf(array, id).filter((other) => other !== group.volumeAccessGroupID)
    if (others.length >= limits.volumeAccessGroupsPerInitiatorCountMax) {
      const message = `Initiator ${id} is in volume access group ${others.join(', ')}.`
      throw new Fault('xAlreadyInVolumeAccessGroup', message)
    }
  }
  const initiatorIDs = [...new Set([...group.initiatorIDs, ...ids])]
  const most = limits.initiatorsPerVolumeAccessGroupCountMax
  if (initiatorIDs.length > most) throw tooMany('initiators of a volume access group', most)
  return { ...group, initiatorIDs }
}

function setMembers(array: ElementArray, group: AccessGroup, ids: readonly number[]): void {
  for (const { volumeID } of array.volumes.all()) setMember(array, group, volumeID, ids.includes(volumeID))
}

function setMember(array: ElementArray, { volumeAccessGroupID }: AccessGroup, volumeID: number, member: boolean): void {
  const volume = array.volumes.get(volumeID)
  if (!volume || volume.volumeAccessGroups.includes(volumeAccessGroupID) === member) return
  const most = array.limits.volumeAccessGroupsPerVolumeCountMax
  if (member && volume.volumeAccessGroups.length >= most) throw tooMany('volume access groups of a volume', most)
  const others = volume.volumeAccessGroups.filter((id) => id !== volumeAccessGroupID)
  array.volumes.put({ ...volume, volumeAccessGroups: member ? [...others, volumeAccessGroupID] : others })
}

function isMember({ volumes }: ElementArray, { volumeAccessGroupID }: AccessGroup, volumeID: number): boolean {
  return volumes.get(volumeID)?.volumeAccessGroups.includes(volumeAccessGroupID) ?? false
}

function notIn({ volumeAccessGroupID }: AccessGroup, who: string): Fault {
  return new Fault('xNotInVolumeAccessGroup', `${who} is not in volume access group ${volumeAccessGroupID}.`)
}

function listOf(params: Params, name: string): readonly unknown[] {
  const list = params.optionalList(name)
  if (!list) throw new Fault('xMissingParameter', `Missing member=[${name}]`)
  return list
}

function numbersOf(params: Params, name: string): readonly number[] {
  listOf(params, name)
  return params.optionalNumbers(name) ?? []
}
