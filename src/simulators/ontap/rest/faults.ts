/**
 * What the REST API answers for each fault. Statuses of codes that no source has one for are those of their like.
 *
 * @see docs.netapp.com, ONTAP REST API reference, the error tables of each endpoint
 */

import type { ArrayFault, FaultKind, FaultValues } from '../faults.ts'
import { RestError } from './errors.ts'

type Row = readonly [status: number, code: number, text: (values: FaultValues) => string]

const ROWS: Readonly<Record<FaultKind, Row>> = {
  'bad-name': [
    400,
    917_888,
    ({ name, what }) => `Invalid ${what} name "${name}". It may only have letters, digits and "_".`,
  ],
  'name-too-long': [400, 917_886, ({ name, what, longest }) => `The ${what} name "${name}" is longer than ${longest}.`],
  'name-bad-start': [
    400,
    917_887,
    ({ name, what }) => `Invalid ${what} name "${name}". The first character must be a letter or "_".`,
  ],
  'bad-value': [400, 262_197, ({ field, value }) => `The value "${value}" is invalid for field "${fieldOf(field)}".`],
  'missing-value': [400, 262_177, ({ field }) => `Missing required field "${fieldOf(field)}".`],
  'not-in-release': [400, 262_179, ({ field }) => `Unexpected argument "${field}".`],
  'no-svm': [400, 2_621_462, ({ svm }) => `SVM "${svm}" does not exist.`],
  'no-volume': [404, 917_927, ({ volume, svm }) => `The specified volume "${volume}" was not found in SVM "${svm}".`],
  'no-aggregate': [400, 917_508, ({ aggregate }) => `Aggregate "${aggregate}" does not exist.`],
  'no-snapshot': [404, 1_638_600, ({ snapshot, volume }) => `Snapshot "${snapshot}" of volume "${volume}" not found.`],
  'no-snapshot-policy': [400, 917_551, ({ policy }) => `Snapshot policy "${policy}" not found.`],
  'no-export-policy': [400, 918_271, ({ policy, svm }) => `Export policy "${policy}" does not exist in SVM "${svm}".`],
  'no-export-rule': [404, 4, () => "entry doesn't exist"],
  'no-qos-policy': [400, 8_454_260, ({ policy }) => `QoS policy "${policy}" does not exist.`],
  'no-qtree': [404, 5_242_956, ({ qtree, volume }) => `Qtree "${qtree}" was not found in volume "${volume}".`],
  'no-quota-rule': [404, 4, () => "entry doesn't exist"],
  'no-parent': [404, 524_601, ({ volume, svm }) => `The clone parent "${volume}" was not found in SVM "${svm}".`],
  'no-mirrors': [404, 4, () => "entry doesn't exist"],
  'volume-exists': [409, 917_526, ({ volume, svm }) => `Duplicate volume name "${volume}" in SVM "${svm}".`],
  'snapshot-exists': [409, 525_059, ({ snapshot, volume }) => `Snapshot "${snapshot}" exists in volume "${volume}".`],
  'qtree-exists': [
    409,
    5_242_886,
    ({ qtree, volume }) =>
      `Failed to create qtree "${qtree}" in volume "${volume}". Reason: A qtree with the same name already exists.`,
  ],
  'quota-rule-exists': [409, 5_308_568, ({ qtree, volume }) => `Duplicate quota rule for "${qtree}" in "${volume}".`],
  'export-policy-exists': [409, 1, () => 'duplicate entry'],
  'export-rule-exists': [409, 1_704_070, ({ policy }) => `Export policy "${policy}" has an identical rule.`],
  'too-small': [
    400,
    917_534,
    ({ volume, size, smallest }) =>
      `The size "${size}B" of volume "${volume}" is too small. Minimum size is "${smallest}B".`,
  ],
  'too-large': [
    400,
    917_535,
    ({ size, largest }) => `The size "${size}B" is too large. Maximum size is "${largest}B".`,
  ],
  'no-space': [
    400,
    1_245_212,
    ({ aggregate, needed, available }) =>
      `Request to create or grow a volume failed because there is not enough space in aggregate "${aggregate}": ${needed}B needed, ${available}B available.`,
  ],
  'not-assigned': [
    400,
    917_509,
    ({ aggregate, svm }) => `Aggregate "${aggregate}" is not in the list of aggregates of SVM "${svm}".`,
  ],
  'no-aggregates': [400, 13_107_341, ({ svm }) => `No aggregate of SVM "${svm}" suits the FlexGroup.`],
  'one-aggregate': [400, 918_242, () => 'Exactly one aggregate must be given for a FlexVol.'],
  'volume-limit': [
    400,
    917_541,
    ({ svm, most }) => `Maximum volume count for SVM "${svm}" reached. Maximum volume count is ${most}.`,
  ],
  'snapshot-limit': [400, 525_062, ({ volume, most }) => `Volume "${volume}" has the most Snapshots it may: ${most}.`],
  'qtree-limit': [
    400,
    5_242_886,
    ({ volume, most }) => `Failed to create qtree in volume "${volume}". Reason: There are ${most} already.`,
  ],
  'has-clones': [
    409,
    524_615,
    ({ volume, clones }) => `Volume "${volume}" has one or more clones: ${clones}. It cannot be deleted.`,
  ],
  'snapshot-busy': [
    409,
    1_638_555,
    ({ snapshot, volume, svm }) =>
      `Snapshot copy "${snapshot}" of volume "${volume}" on Vserver "${svm}" has not expired or is locked.`,
  ],
  'is-root': [400, 917_531, ({ volume }) => `Volume "${volume}" is the root volume of its SVM.`],
  'is-constituent': [400, 13_107_349, ({ volume }) => `Volume "${volume}" is part of a FlexGroup.`],
  'not-read-write': [400, 1_638_461, ({ volume }) => `Volume "${volume}" is not a read-write volume.`],
  'volume-offline': [409, 917_533, ({ volume }) => `Volume "${volume}" is offline.`],
  'volume-online': [409, 917_536, ({ volume }) => `Volume "${volume}" is online.`],
  'volume-mounted': [409, 917_536, ({ volume }) => `Volume "${volume}" is mounted.`],
  'not-mounted': [400, 918_252, ({ volume }) => `Volume "${volume}" is not mounted.`],
  'bad-junction': [400, 918_252, ({ path, reason }) => `Invalid junction path "${path}". ${reason}`],
  'junction-taken': [
    400,
    918_252,
    ({ path, volume }) => `Invalid junction path "${path}". Volume "${volume}" is mounted there.`,
  ],
  'not-a-clone': [400, 918_248, ({ volume }) => `Volume "${volume}" is not a clone.`],
  splitting: [409, 918_248, ({ volume }) => `Volume "${volume}" is being split already.`],
  'not-splitting': [400, 918_248, ({ volume }) => `Volume "${volume}" is not being split.`],
  'default-qtree': [400, 5_242_894, () => 'The default qtree cannot be made, changed or deleted.'],
  'quota-is-on': [409, 5_308_561, ({ volume }) => `Quotas are on for volume "${volume}".`],
  'quota-is-off': [409, 5_308_561, ({ volume }) => `Quotas are off for volume "${volume}".`],
  'quota-without-rules': [400, 5_308_561, ({ volume }) => `Volume "${volume}" has no quota rules.`],
  'quota-changing': [409, 5_308_561, ({ volume, state }) => `Quotas of volume "${volume}" are ${state}.`],
  'export-policy-used': [409, 1_703_945, ({ policy }) => `Export policy "${policy}" is in use.`],
  'export-policy-default': [409, 1_703_947, () => 'The export policy "default" cannot be deleted.'],
  'bad-client-match': [400, 1_704_055, ({ match }) => `Invalid client match "${match}".`],
  'mirrors-updating': [409, 8, () => 'The load-sharing mirrors are being updated.'],
  'asked-for': [500, 14, ({ code }) => `${code}: asked for by a test.`],
  simulator: [500, 14, ({ message }) => `The simulator failed: ${message}`],
}

/** Fields that the simulator's own words call otherwise. */
function fieldOf(field: string | number | undefined): string {
  return FIELDS[String(field)] ?? String(field)
}

const FIELDS: Readonly<Record<string, string>> = {
  clients: 'clients.match',
  ro: 'ro_rule',
  rw: 'rw_rule',
  snapshotReserve: 'space.snapshot.reserve_percent',
}

/** Codes that depend on more than the kind. */
function codeOf({ kind, values }: ArrayFault, code: number): number {
  if (kind === 'bad-client-match' && values['reason'] === 'host-bits') return 1_704_040
  if (kind === 'bad-name' && values['what'] === 'snapshot') return 1_638_518
  if (kind === 'bad-name' && values['what'] === 'export policy') return 1_703_952
  if (kind === 'name-too-long' && values['what'] === 'export policy') return 1_704_047
  return code
}

export function restErrorOf(fault: ArrayFault): RestError {
  if (fault.kind === 'asked-for') return askedFor(String(fault.values['code']))
  const [status, code, text] = ROWS[fault.kind]
  return new RestError(status, codeOf(fault, code), text(fault.values))
}

/** A code that a test has asked for, as the array answers it. */
export function askedFor(code: string): RestError {
  const row = Object.values(ROWS).find((row) => String(row[1]) === code)
  const status = STATUSES.get(code) ?? row?.[0] ?? 400
  return new RestError(status, code, `${code}: asked for by a test.`)
}

const STATUSES: ReadonlyMap<string, number> = new Map([
  ['1', 409],
  ['3', 404],
  ['4', 404],
  ['6', 403],
  ['7', 429],
  ['8', 409],
  ['14', 500],
  ['262160', 503],
  ['6691623', 403],
  ['5308571', 409],
  ['5308572', 409],
  ['13107405', 409],
  ['13107406', 409],
])
