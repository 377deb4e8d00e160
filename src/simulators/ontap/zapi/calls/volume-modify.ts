/** Changing all volumes that a query finds. Whatever becomes of each, the call passes. */

import { ArrayFault } from '../../faults.ts'
import { startJob } from '../../jobs.ts'
import { changeVolume, type VolumeChange } from '../../operations/volume-changes.ts'
import { isAtLeast } from '../../releases.ts'
import type { Volume } from '../../state/volume.ts'
import { type Answer, type Call, svmOf } from '../call.ts'
import { ApiFault, extraInput, invalidValue, missingInput } from '../errors.ts'
import { apiFaultOf } from '../faults.ts'
import { typed } from '../iterators.ts'
import { parseMode } from '../modes.ts'
import { testOf } from '../records.ts'
import { sizeOf } from '../sizes.ts'
import type { View } from '../views.ts'
import type { Element } from '../xml.ts'
import { shapeOf, volumeKey } from './volume-list.ts'
import { refuseFlexGroup } from './volumes.ts'

/**
 * volume-modify-iter. `num-failed` and `num-succeeded` say how it went, and the lists, when asked for, of which volume.
 *
 * Recorded: `failure-list` is there and empty when nothing failed, and absent where the list was not wanted.
 */
export function modify(call: Call): Answer {
  const { array } = call
  const change = changeIn(call)
  return answered(call, (volume) => {
    refuseFlexGroup(volume)
    changeVolume(array, volume.uuid, change)
    return {}
  })
}

/** volume-modify-iter-async: a job each. */
export function modifyAsync(call: Call): Answer {
  const { array, input } = call
  const change = changeIn(call)
  return answered(call, ({ uuid }) => {
    const work = { kind: 'change-volume', volume: uuid, change } as const
    const { id } = startJob(array, { svm: svmOf(call).uuid, description: input.api, work })
    return { jobid: id, status: 'in_progress' }
  })
}

function answered(call: Call, change: (volume: Volume) => View): View {
  const { array, input } = call
  const succeeded: View[] = []
  const failed: View[] = []
  for (const volume of found(call)) {
    const key = { 'volume-key': volumeKey(array, volume) }
    try {
      succeeded.push({ ...change(volume), ...key })
    } catch (error) {
      const fault = error instanceof ArrayFault ? apiFaultOf(error, input.api, array.release) : error
      if (!(fault instanceof ApiFault)) throw error
      failed.push({ 'error-code': fault.errno, 'error-message': fault.message, ...key })
      if (!(input.optionalFlag('continue-on-failure') ?? true)) break
    }
  }
  const info = `${input.api}-info`
  const list = (flag: string, records: readonly View[]) =>
    (input.optionalFlag(flag) ?? true) ? { [info]: records } : undefined
  return {
    'failure-list': list('return-failure-list', failed),
    'num-failed': failed.length,
    'num-succeeded': succeeded.length,
    'success-list': list('return-success-list', succeeded),
  }
}

function found(call: Call): readonly Volume[] {
  const { array, input } = call
  const { uuid } = svmOf(call)
  const fits = testOf(shapeOf(array), typed(input, 'query', 'volume-attributes'), array.release)
  const most = input.optionalNumber('max-records') ?? DEFAULT_RECORDS
  const own = array.volumes.all().filter(({ svm, type }) => svm === uuid && type !== 'del')
  return own.filter(fits).slice(0, most)
}

const DEFAULT_RECORDS = 20

/** What `attributes` asks for. @throws ApiFault for what cannot be changed so */
function changeIn({ array, input }: Call): VolumeChange {
  const attributes = typed(input, 'attributes', 'volume-attributes')
  if (!attributes) throw missingInput('attributes')
  const changes = leaves(attributes).map(({ path, text }) => {
    const field = FIELDS[path]
    if (!field || !isAtLeast(array.release, field.since ?? '8.3')) throw extraInput(path.split('/').at(-1) ?? path)
    const change = field.change(text)
    if (!change) throw invalidValue(path.split('/').at(-1) ?? path, input.api, text)
    return change
  })
  return Object.assign({}, ...changes) as VolumeChange
}

interface Field {
  readonly since?: string
  /** Undefined for a value it cannot have. */
  readonly change: (text: string) => VolumeChange | undefined
}

const FIELDS: Readonly<Record<string, Field>> = {
  'volume-comp-aggr-attributes/tiering-policy': {
    since: '9.2',
    change: (text) => oneOf(text, ['none', 'snapshot-only', 'auto', 'all'], (tieringPolicy) => ({ tieringPolicy })),
  },
  'volume-export-attributes/policy': { change: (exportPolicy) => ({ exportPolicy }) },
  'volume-id-attributes/comment': { change: (comment) => ({ comment }) },
  'volume-qos-attributes/adaptive-policy-group-name': { since: '9.3', change: qosPolicy },
  'volume-qos-attributes/policy-group-name': { change: qosPolicy },
  'volume-security-attributes/style': {
    change: (text) => oneOf(text, ['unix', 'ntfs', 'mixed'], (securityStyle) => ({ securityStyle })),
  },
  'volume-security-attributes/volume-security-unix-attributes/group-id': {
    change: (text) => numbered(text, (gid) => ({ gid })),
  },
  'volume-security-attributes/volume-security-unix-attributes/permissions': {
    change: (text) => {
      const mode = parseMode(text)
      return mode === undefined ? undefined : { mode }
    },
  },
  'volume-security-attributes/volume-security-unix-attributes/user-id': {
    change: (text) => numbered(text, (uid) => ({ uid })),
  },
  'volume-snapshot-attributes/snapdir-access-enabled': {
    change: (text) => oneOf(text, ['true', 'false'], (flag) => ({ snapshotDirectory: flag === 'true' })),
  },
  'volume-snapshot-attributes/snapshot-policy': { change: (snapshotPolicy) => ({ snapshotPolicy }) },
  'volume-space-attributes/percentage-snapshot-reserve': {
    change: (text) => numbered(text, (snapshotReserve) => ({ snapshotReserve })),
  },
  'volume-space-attributes/size': {
    change: (text) => {
      const size = sizeOf(text)
      return size === undefined ? undefined : { size }
    },
  },
  'volume-space-attributes/space-guarantee': {
    change: (text) => oneOf(text, ['none', 'volume'], (guarantee) => ({ guarantee })),
  },
}

function qosPolicy(text: string): VolumeChange {
  return { qosPolicy: text === '' || text === 'none' ? null : text }
}

function oneOf<T extends string>(
  text: string,
  choices: readonly T[],
  change: (choice: T) => VolumeChange,
): VolumeChange | undefined {
  const choice = choices.find((choice) => choice === text)
  return choice === undefined ? undefined : change(choice)
}

function numbered(text: string, change: (number: number) => VolumeChange): VolumeChange | undefined {
  return /^\d{1,10}$/.test(text) ? change(Number(text)) : undefined
}

interface LeafText {
  /** Names from the top, parted by `/`. */
  readonly path: string
  readonly text: string
}

function leaves(element: Element, path = ''): readonly LeafText[] {
  return element.children.flatMap((child) => {
    const below = path === '' ? child.name : `${path}/${child.name}`
    return child.children.length > 0 ? leaves(child, below) : [{ path: below, text: child.text }]
  })
}
