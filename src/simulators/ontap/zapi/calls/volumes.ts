/** Making FlexVols, changing what is asked for by a call of its own, and deleting. */

import { defined } from '../../defined.ts'
import { ArrayFault } from '../../faults.ts'
import { deleteVolume } from '../../operations/deletion.ts'
import { volumeNamed } from '../../operations/find.ts'
import { mountVolume, unmountVolume } from '../../operations/junctions.ts'
import { renameVolume, resizeVolume, setState } from '../../operations/volume-changes.ts'
import { createVolume, type NewVolume } from '../../operations/volumes.ts'
import type { Volume } from '../../state/volume.ts'
import { type Answer, type Call, svmOf } from '../call.ts'
import { ApiFault, EAPIERROR, invalidValue } from '../errors.ts'
import type { Input } from '../input.ts'
import { modeOf } from '../modes.ts'
import { sizeOf, sizeText } from '../sizes.ts'

/** volume-create. Done when it is answered. */
export function create(call: Call): Answer {
  const { array, input } = call
  const size = input.optionalSize('size')
  createVolume(array, {
    svm: svmOf(call).uuid,
    name: input.text('volume'),
    style: 'flexvol',
    aggregates: [input.text('containing-aggr-name')],
    ...(size !== undefined && { size }),
    ...settingsOf(input),
  })
}

/** What both ways to make a volume can be told, by the same names in both. */
export function settingsOf(input: Input): Partial<NewVolume> {
  const guarantee = input.optionalChoice('space-reserve', ['none', 'volume', 'file'])
  return defined({
    // `file` is accepted still, and is what the whole volume reserves.
    guarantee: guarantee === 'file' ? 'volume' : guarantee,
    snapshotPolicy: input.optionalText('snapshot-policy'),
    snapshotReserve: input.optionalNumber('percentage-snapshot-reserve'),
    comment: input.optionalText('volume-comment'),
    junction: input.optionalText('junction-path') || undefined,
    securityStyle: input.optionalChoice('volume-security-style', ['unix', 'ntfs', 'mixed']),
    mode: input.has('unix-permissions') ? modeOf(input, 'unix-permissions') : undefined,
    uid: input.optionalNumber('user-id'),
    gid: input.optionalNumber('group-id'),
    exportPolicy: input.optionalText('export-policy'),
    encryption: input.optionalFlag('encrypt'),
    tieringPolicy: input.optionalChoice('tiering-policy', ['none', 'snapshot-only', 'auto', 'all']),
    qosPolicy: input.optionalText('qos-policy-group-name') ?? input.optionalText('qos-adaptive-policy-group-name'),
    type: input.optionalChoice('volume-type', ['rw', 'dp']),
  })
}

/**
 * volume-size: tells the size, sets it first when one is given; `+1g` and `-1g` are relative. Clients use it to find out
 * whether a volume is there.
 */
export function size(call: Call): Answer {
  const { array, input } = call
  const volume = named(call, 'volume')
  refuseFlexGroup(volume)
  if (input.has('new-size')) resizeVolume(array, volume.uuid, newSize(input, volume.size))
  const { size, type } = named(call, 'volume')
  return {
    'is-fixed-size-flex-volume': false,
    'is-readonly-flex-volume': type !== 'rw',
    'is-replica-flex-volume': type !== 'rw',
    'volume-size': sizeText(size),
  }
}

/** volume-mount. */
export function mount(call: Call): Answer {
  mountVolume(call.array, named(call, 'volume-name').uuid, call.input.text('junction-path'))
}

/** volume-unmount. Not while a clone is split from its parent: there is a job on it. */
export function unmount(call: Call): Answer {
  const volume = named(call, 'volume-name')
  if (volume.clone?.splitUntil !== undefined) throw new ArrayFault('splitting', { volume: volume.name })
  unmountVolume(call.array, volume.uuid)
}

/** volume-offline. */
export function offline(call: Call): Answer {
  setState(call.array, named(call, 'name').uuid, 'offline')
}

/** volume-online. */
export function online(call: Call): Answer {
  setState(call.array, named(call, 'name').uuid, 'online')
}

/** volume-destroy. Without `unmount-and-offline` it must be unmounted and offline already. */
export function destroy(call: Call): Answer {
  const unmountAndOffline = call.input.optionalFlag('unmount-and-offline') ?? false
  const volume = named(call, 'name')
  refuseFlexGroup(volume)
  deleteVolume(call.array, volume.uuid, { unmountAndOffline, purge: false })
}

/** volume-rename. */
export function rename(call: Call): Answer {
  renameVolume(call.array, named(call, 'volume').uuid, call.input.text('new-volume-name'))
}

/** The volume that an input names. @throws ArrayFault no-volume */
export function named(call: Call, input: string): Volume {
  return volumeNamed(call.array, svmOf(call).uuid, call.input.text(input))
}

/** FlexGroups have asynchronous APIs only; in which words the others refuse them is unsure. */
export function refuseFlexGroup({ name, style }: Volume): void {
  if (style !== 'flexgroup') return
  throw new ApiFault(EAPIERROR, `Volume "${name}" is a FlexGroup: this operation is asynchronous for it.`)
}

/** `+1g` and `-1g` are relative to `size`. */
export function newSize(input: Input, size: number): number {
  const text = input.text('new-size')
  const [, sign = '', amount = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  const bytes = sizeOf(amount)
  if (bytes === undefined) throw invalidValue('new-size', input.api, text)
  if (sign === '') return bytes
  return sign === '+' ? size + bytes : size - bytes
}
