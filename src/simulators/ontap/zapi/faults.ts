/** What ONTAPI answers when an operation of the array is refused. */

import type { ArrayFault, FaultKind, FaultValues } from '../faults.ts'
import { isAtLeast, type Release } from '../releases.ts'
import { ApiFault } from './errors.ts'
import { sizeWords } from './sizes.ts'

/** What an array says of an operation: thrown, or as a job ended. */
type Refusal = Pick<ArrayFault, 'kind' | 'values'>

export function apiFaultOf({ kind, values }: Refusal, api: string, release: Release): ApiFault {
  if (kind === 'asked-for') return new ApiFault(String(values['code']), `${values['code']}: asked for by a test.`)
  const { errno, reason } = TABLE[kind]
  return new ApiFault(NUMBERS[kind]?.(api, release) ?? errno, reason(values))
}

/** Where the number depends on who asks. */
const NUMBERS: Partial<Readonly<Record<FaultKind, (api: string, release: Release) => string | undefined>>> = {
  'no-volume': noVolumeErrno,
  'volume-offline': offlineErrno,
  'no-export-policy': (api) => (api.startsWith('export-') ? EOBJECTNOTFOUND : undefined),
}

/**
 * Both numbers are known for a volume that is not there. That the ones for taking offline and destroying never differ,
 * and that the one of volume-size changed with 9.0, is unsure: clients have to know both.
 */
function noVolumeErrno(api: string, release: Release): string {
  if (/^volume-(?:offline|online|destroy)/.test(api)) return EVOLUMEDOESNOTEXIST
  return /^volume-size/.test(api) && !isAtLeast(release, '9.0') ? EVOLUMEDOESNOTEXIST : EOBJECTNOTFOUND
}

function offlineErrno(api: string): string | undefined {
  if (api.startsWith('snapshot-')) return ESNAPSHOTNOTALLOWED
  return api.startsWith('volume-clone-') ? EVOLNOTONLINE : undefined
}

const ESNAPSHOTNOTALLOWED = '13023'
const EVOLNOTONLINE = '13157'
const EVOLUMEDOESNOTEXIST = '13040'
const EOBJECTNOTFOUND = '15661'

interface Row {
  readonly errno: string
  readonly reason: (values: FaultValues) => string
}

const row = (errno: string, reason: (values: FaultValues) => string): Row => ({ errno, reason })

/** Of the catch-all, whose reason alone says what it is. */
const other = (reason: (values: FaultValues) => string): Row => row('13001', reason)

const missing = (): Row => row(EOBJECTNOTFOUND, () => "entry doesn't exist")

/**
 * Numbers are those clients know. Where a reason is known from recordings it has those words; the others are our own.
 */
const TABLE: Readonly<Record<Exclude<FaultKind, 'asked-for'>, Row>> = {
  'bad-name': other(({ what, name }) => `The name "${name}" of the ${what} has invalid characters.`),
  'name-too-long': other(({ what, longest }) => `The name of the ${what} is longer than ${longest} characters.`),
  'name-bad-start': other(({ name }) => `The name "${name}" must begin with a letter or an underscore.`),
  'bad-value': row('13115', ({ field, value }) => `Invalid value specified for "${elementOf(field)}": "${value}".`),
  'missing-value': row('13115', ({ field }) => `Missing input: ${elementOf(field)}`),
  'not-in-release': row('13115', ({ field }) => `Extra input: ${field}`),

  'no-svm': row('15698', () => 'Specified vserver not found'),
  'no-volume': row(EOBJECTNOTFOUND, ({ volume, svm }) => `Volume "${volume}" does not exist in Vserver "${svm}".`),
  'no-aggregate': row('14420', ({ aggregate }) => `Aggregate "${aggregate}" does not exist.`),
  'no-snapshot': missing(),
  'no-snapshot-policy': other(({ policy }) => `Snapshot policy "${policy}" does not exist.`),
  'no-export-policy': other(({ policy, svm }) => `Export policy "${policy}" does not exist in Vserver "${svm}".`),
  'no-export-rule': missing(),
  'no-qos-policy': other(({ policy }) => `QoS policy group "${policy}" does not exist.`),
  'no-qtree': missing(),
  'no-quota-rule': missing(),
  'no-parent': missing(),
  'no-mirrors': missing(),

  'volume-exists': row('17', ({ volume, svm }) => `Volume "${volume}" already exists in Vserver "${svm}".`),
  'snapshot-exists': row('17', ({ snapshot }) => `Snapshot "${snapshot}" already exists.`),
  'qtree-exists': row('17', ({ qtree }) => `Qtree "${qtree}" already exists.`),
  'quota-rule-exists': row('13130', () => 'duplicate entry'),
  'export-policy-exists': row('13130', () => 'duplicate entry'),
  'export-rule-exists': other(() => 'The export policy already contains a rule'),

  'too-small': row('13115', ({ size, smallest }) => {
    // As recorded: no blank between the two sentences.
    return `Size ${sizeWords(Number(size))} is too small.Minimum size is ${sizeWords(Number(smallest))}.`
  }),
  'too-large': row('13115', ({ size, largest }) => {
    return `Size ${sizeWords(Number(size))} is too big.Maximum size is ${sizeWords(Number(largest))}.`
  }),
  'no-space': other(({ aggregate }) => `There is not enough space in aggregate "${aggregate}".`),
  'not-assigned': other(({ aggregate, svm }) => `Aggregate "${aggregate}" is not assigned to Vserver "${svm}".`),
  'no-aggregates': other(({ svm }) => `Vserver "${svm}" has no assigned aggregates.`),
  'one-aggregate': row('13115', () => 'Missing input: containing-aggr-name'),
  'volume-limit': other(({ svm, most }) => {
    // As recorded, blanks and all.
    return `Cannot create volume. Reason: Maximum volume count for Vserver ${svm} reached.  Maximum volume count is ${most}. `
  }),
  'snapshot-limit': other(({ volume }) => `Volume "${volume}" has as many Snapshot copies as it can have.`),
  'qtree-limit': other(({ volume }) => `Volume "${volume}" has as many qtrees as it can have.`),

  'has-clones': row('15894', ({ volume, clones }) => {
    return `Failed to delete volume "${volume}" because it has one or more clones: ${clones}.`
  }),
  'snapshot-busy': row('13024', ({ snapshot }) => `Snapshot "${snapshot}" is busy: it is in use by other volumes.`),
  'is-root': other(({ volume }) => `Volume "${volume}" is the root volume of its Vserver.`),
  'is-constituent': other(({ volume }) => `Volume "${volume}" is a FlexGroup constituent.`),
  'not-read-write': other(({ volume }) => `Volume "${volume}" is not read-write.`),
  'volume-offline': row('13042', ({ volume }) => `Volume "${volume}" is offline.`),
  'volume-online': other(({ volume }) => `Volume "${volume}" must be offline to be destroyed.`),
  'volume-mounted': other(({ volume }) => `Volume "${volume}" is mounted in the namespace and must be unmounted.`),
  'not-mounted': row('14716', ({ volume }) => `Volume "${volume}" is not mounted.`),
  'bad-junction': other(({ path, reason }) => `Invalid junction path "${path}". ${reason}`),
  'junction-taken': other(({ path, volume }) => `The junction path "${path}" is in use by volume "${volume}".`),
  'not-a-clone': row('13170', ({ volume }) => `Volume "${volume}" is not a clone.`),
  splitting: other(({ volume }) => `Volume "${volume}" is being split from its parent, by job ID 1.`),
  'not-splitting': row('13171', ({ volume }) => `No split of volume "${volume}" is under way.`),
  'default-qtree': other(() => 'The name of a qtree must not be empty.'),
  'quota-is-on': other(({ volume }) => `Quotas are already on for volume "${volume}".`),
  'quota-is-off': other(({ volume }) => `Quotas are off for volume "${volume}".`),
  'quota-without-rules': other(({ volume }) => `There are no quota rules for volume "${volume}".`),
  'quota-changing': other(({ volume }) => `Another quota operation is under way on volume "${volume}".`),
  'export-policy-used': other(({ policy }) => `Export policy "${policy}" is in use.`),
  'export-policy-default': other(() => 'The default export policy cannot be deleted.'),
  'bad-client-match': row('13115', ({ match }) => `Invalid value specified for "client-match": "${match}".`),
  'mirrors-updating': row('17137', () => 'Transfer in progress.'),
  simulator: row('13114', ({ message }) => `The simulator failed: ${message}`),
}

/** Elements that the simulator's own words call otherwise. */
function elementOf(field: string | number | undefined): string {
  return ELEMENTS[String(field)] ?? String(field)
}

const ELEMENTS: Readonly<Record<string, string>> = {
  clients: 'client-match',
  protocols: 'access-protocol',
  ro: 'security-flavor',
  rw: 'security-flavor',
  snapshotReserve: 'percentage-snapshot-reserve',
  superuser: 'security-flavor',
}
