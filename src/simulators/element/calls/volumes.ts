/** CreateVolume and ModifyVolume. */

import { randomUUID } from 'node:crypto'
import { Fault, invalidParameter, missingParameter, noAccountId, noQosPolicy, noVolume, tooMany } from '../faults.ts'
import { type Limits, SIZE_STEP } from '../limits.ts'
import type { Params } from '../params.ts'
import { DEFAULT_QOS, mergedQos } from '../qos.ts'
import { type Access, type ElementArray, nextId, now, type Volume } from '../state.ts'
import { CURVE, type View, volumeView } from '../views.ts'

/**
 * CreateVolume. Names need not be unique. The size is rounded up to 1 MiB; `sliceCount` is 0 in this reply only.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_createvolume.html
 */
export function createVolume(array: ElementArray, params: Params, version: string): View {
  const volume = makeVolume(array, {
    name: params.text('name'),
    accountID: params.number('accountID'),
    totalSize: sizeOf(array.limits, params.number('totalSize')),
    enable512e: params.flag('enable512e'),
    attributes: params.optionalAttributes() ?? {},
    access: params.optionalChoice('access', ACCESS) ?? 'readWrite',
    status: 'active',
    ...chosenQos(array, params, { qos: DEFAULT_QOS, qosPolicyID: null }),
  })
  array.effects.push({ kind: 'refresh', volumeID: volume.volumeID })
  return {
    curve: CURVE,
    volume: { ...volumeView(array, volume, version), sliceCount: 0 },
    volumeID: volume.volumeID,
  }
}

/**
 * ModifyVolume. The size only grows; attributes replace all there were.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_modifyvolume.html
 */
export function modifyVolume(array: ElementArray, params: Params, version: string): View {
  const old = liveVolume(array, params.number('volumeID'))
  const accountID = params.optionalNumber('accountID') ?? old.accountID
  if (!array.accounts.has(accountID)) throw noAccountId(accountID)
  const asked = params.optionalNumber('totalSize')
  const totalSize = asked === undefined ? old.totalSize : sizeOf(array.limits, asked)
  if (totalSize < old.totalSize) throw new Fault('xVolumeShrinkProhibited', 'Lowering a volume size is not allowed.')

  const volume = {
    ...old,
    accountID,
    totalSize,
    access: params.optionalChoice('access', ACCESS) ?? old.access,
    attributes: params.optionalAttributes() ?? old.attributes,
    createdAt: params.optionalFlag('setCreateTime') === true ? readTime(params.text('createTime')) : old.createdAt,
    ...chosenQos(array, params, old),
  }
  array.volumes.put(volume)
  array.effects.push({ kind: 'refresh', volumeID: volume.volumeID })
  return { curve: CURVE, volume: volumeView(array, volume, version) }
}

export const ACCESS: readonly Access[] = ['readWrite', 'readOnly', 'locked', 'replicationTarget', 'snapMirrorTarget']

type NewVolume = Pick<
  Volume,
  'name' | 'accountID' | 'totalSize' | 'enable512e' | 'attributes' | 'access' | 'status' | 'qos' | 'qosPolicyID'
>

/** Numbers and keeps a volume. @throws Fault, and then nothing has changed */
export function makeVolume(array: ElementArray, volume: NewVolume): Volume {
  const { limits, volumes } = array
  if (!NAME.test(volume.name)) {
    throw invalidParameter(`Volume name "${volume.name}" must be 1 to 64 letters, digits and "-".`)
  }
  if (!array.accounts.has(volume.accountID)) throw noAccountId(volume.accountID)
  if (volumes.size >= limits.volumeCountMax) throw tooMany('volumes', limits.volumeCountMax)
  if (volumes.countOfAccount(volume.accountID) >= limits.volumesPerAccountCountMax) {
    throw tooMany('volumes of an account', limits.volumesPerAccountCountMax)
  }
  const made = {
    ...volume,
    volumeID: nextId(array, 'volume'),
    createdAt: now(array),
    volumeAccessGroups: [],
    volumeUUID: randomUUID(),
    volumeConsistencyGroupUUID: randomUUID(),
  }
  volumes.put(made)
  return made
}

/** One that is not deleted. @throws Fault xVolumeIDDoesNotExist */
export function liveVolume({ volumes }: ElementArray, volumeID: number): Volume {
  const volume = volumes.get(volumeID)
  if (volume && volume.status !== 'deleted') return volume
  throw noVolume(volumeID)
}

/** @throws Fault xInvalidParameter */
export function sizeOf({ volumeSizeMin, volumeSizeMax }: Limits, asked: number): number {
  if (asked >= volumeSizeMin && asked <= volumeSizeMax) return Math.ceil(asked / SIZE_STEP) * SIZE_STEP
  throw invalidParameter(`Volume size ${asked} is not from ${volumeSizeMin} to ${volumeSizeMax} bytes.`)
}

const NAME = /^[A-Za-z0-9-]{1,64}$/

/** A policy or values of its own; whichever is given ends the other. */
function chosenQos(
  array: ElementArray,
  params: Params,
  old: Pick<Volume, 'qos' | 'qosPolicyID'>,
): Pick<Volume, 'qos' | 'qosPolicyID'> {
  const values = params.optionalObject('qos')
  const policyID = params.optionalNumber('qosPolicyID')
  if (policyID !== undefined) {
    const policy = array.qosPolicies.get(policyID)
    if (!policy) throw noQosPolicy(policyID)
    return { qos: policy.qos, qosPolicyID: policyID }
  }
  const kept = params.optionalFlag('associateWithQoSPolicy') === false ? null : old.qosPolicyID
  if (!values || Object.keys(values).length === 0) return { qos: old.qos, qosPolicyID: kept }
  return { qos: mergedQos(array, old.qos, values), qosPolicyID: null }
}

function readTime(text: string): number {
  if (text === '') throw missingParameter('createTime')
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw invalidParameter(`"${text}" is no time.`)
  return ms
}
