/** Initiators: the names hosts log in with. */

import {
  Fault,
  invalidParameter,
  invalidType,
  missingParameter,
  noAccessGroup,
  noInitiator,
  tooMany,
} from '../faults.ts'
import { Params } from '../params.ts'
import { type ElementArray, type Initiator, nextId } from '../state.ts'
import { initiatorView, type View } from '../views.ts'

/**
 * CreateInitiators: all of them, or none.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_createinitiators.html
 */
export function createInitiators(array: ElementArray, params: Params): View {
  const asked = objectsOf(params).map((fields) => {
    const group = fields.optionalNumber('volumeAccessGroupID')
    if (group !== undefined && !array.accessGroups.has(group)) throw noAccessGroup(group)
    return {
      initiatorName: freeName(array, fields.text('name')),
      alias: fields.optionalText('alias') ?? '',
      attributes: fields.optionalAttributes() ?? {},
      group,
    }
  })
  const made = asked.map(({ group, ...initiator }) => {
    const kept = keep(array, initiator)
    const joined = group === undefined ? undefined : array.accessGroups.get(group)
    if (joined) {
      const initiatorIDs = [...joined.initiatorIDs, kept.initiatorID]
      array.accessGroups.set(joined.volumeAccessGroupID, { ...joined, initiatorIDs })
    }
    return kept
  })
  return { initiators: made.map((initiator) => initiatorView(array, initiator)) }
}

/** ListInitiators. An ID nobody has is xInvalidParameter. */
export function listInitiators(array: ElementArray, params: Params): View {
  const ids = params.optionalNumbers('initiators')
  const start = params.optionalNumber('startInitiatorID') ?? 0
  const missing = ids?.find((id) => !array.initiators.has(id))
  if (missing !== undefined) throw invalidParameter(`Initiator ${missing} does not exist.`)
  const found = [...array.initiators.values()].filter(({ initiatorID }) =>
    ids ? ids.includes(initiatorID) : initiatorID >= start,
  )
  const page = found.slice(0, params.optionalNumber('limit'))
  return { initiators: page.map((initiator) => initiatorView(array, initiator)) }
}

/** ModifyInitiators: alias and attributes. */
export function modifyInitiators(array: ElementArray, params: Params): View {
  const changed = objectsOf(params).map((fields) => {
    const id = fields.number('initiatorID')
    const old = array.initiators.get(id)
    if (!old) throw noInitiator(id)
    return {
      ...old,
      alias: fields.optionalText('alias') ?? old.alias,
      attributes: fields.optionalAttributes() ?? old.attributes,
    }
  })
  for (const initiator of changed) array.initiators.set(initiator.initiatorID, initiator)
  return { initiators: changed.map((initiator) => initiatorView(array, initiator)) }
}

/** DeleteInitiators. They leave their access groups. */
export function deleteInitiators(array: ElementArray, params: Params): View {
  const ids = params.optionalNumbers('initiators')
  if (!ids) throw missingParameter('initiators')
  const missing = ids.find((id) => !array.initiators.has(id))
  if (missing !== undefined) throw noInitiator(missing)
  for (const group of array.accessGroups.values()) {
    const initiatorIDs = group.initiatorIDs.filter((id) => !ids.includes(id))
    array.accessGroups.set(group.volumeAccessGroupID, { ...group, initiatorIDs })
  }
  for (const id of ids) array.initiators.delete(id)
  return {}
}

/** IDs of a list that has IDs, or names as older clients give them; a new name makes an initiator. */
export function initiatorIds(array: ElementArray, list: readonly unknown[]): readonly number[] {
  const checked = list.map((item) => {
    if (typeof item === 'string') return checkedName(array, item)
    if (typeof item === 'number' && array.initiators.has(item)) return item
    throw typeof item === 'number' ? noInitiator(item) : invalidType('initiators', 'a list of IDs or names')
  })
  return checked.map((item) => {
    if (typeof item === 'number') return item
    const known = byName(array, item) ?? keep(array, { initiatorName: item, alias: '', attributes: {} })
    return known.initiatorID
  })
}

function objectsOf(params: Params): readonly Params[] {
  const list = params.optionalList('initiators')
  if (!list) throw missingParameter('initiators')
  return list.map((item) => {
    if (typeof item !== 'object' || item === null) throw invalidType('initiators', 'a list of objects')
    return new Params(item as Readonly<Record<string, unknown>>)
  })
}

function keep(array: ElementArray, initiator: Omit<Initiator, 'initiatorID'>): Initiator {
  const { initiators, limits } = array
  if (initiators.size >= limits.initiatorCountMax) throw tooMany('initiators', limits.initiatorCountMax)
  const kept = { ...initiator, initiatorID: nextId(array, 'initiator') }
  initiators.set(kept.initiatorID, kept)
  return kept
}

function byName({ initiators }: ElementArray, name: string): Initiator | undefined {
  return [...initiators.values()].find(({ initiatorName }) => initiatorName === name)
}

function freeName(array: ElementArray, text: string): string {
  const name = checkedName(array, text)
  if (byName(array, name)) throw new Fault('xInitiatorExists', `There is an initiator ${name} already.`)
  return name
}

const IQN = /^iqn\.\d{4}-\d\d\.[a-z0-9.:-]+$/
const WWPN = /^(?:[0-9a-f]{2}:?){8}$/

/** Kept in lower case. Blanks are dropped: the vendor's own example has some. */
function checkedName({ limits }: ElementArray, text: string): string {
  const name = text.toLowerCase().replace(/ /g, '')
  if (name.length <= limits.initiatorNameLengthMax && (IQN.test(name) || WWPN.test(name))) return name
  throw invalidParameter(`"${text}" is no initiator's name.`)
}
