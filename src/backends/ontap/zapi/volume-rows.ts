/** How ONTAPI shows a volume. */

import type { Bytes } from '../../../units.ts'
import type { OntapRelease, OntapVolume } from '../ontap.ts'
import { atLeast } from '../releases.ts'
import { known, type XmlFields } from './fields.ts'
import type { Input } from './xml.ts'

/** The name of a volume in queries and in what is wanted. */
export const VOLUME = 'volume-attributes'

/** What is read below. A release refuses to be asked for what came later. */
export function wantedOf(release: OntapRelease): Input {
  const since = (least: string, more: Input) => (atLeast(release, least) ? more : {})
  return {
    ...since('9.1', { encrypt: '' }),
    'volume-clone-attributes': {
      'clone-child-count': '',
      'volume-clone-parent-attributes': { name: '', 'snapshot-name': '' },
    },
    ...since('9.2', { 'volume-comp-aggr-attributes': { 'tiering-policy': '' } }),
    'volume-export-attributes': { policy: '' },
    'volume-id-attributes': {
      ...since('9.2', { 'aggr-list': { 'aggr-name': '' }, 'style-extended': '' }),
      comment: '',
      'containing-aggregate-name': '',
      'creation-time': '',
      'instance-uuid': '',
      'junction-path': '',
      name: '',
      type: '',
      uuid: '',
    },
    'volume-qos-attributes': { ...since('9.4', { 'adaptive-policy-group-name': '' }), 'policy-group-name': '' },
    'volume-security-attributes': { style: '', 'volume-security-unix-attributes': { permissions: '' } },
    'volume-snapshot-attributes': { 'snapdir-access-enabled': '', 'snapshot-count': '', 'snapshot-policy': '' },
    'volume-space-attributes': { 'percentage-snapshot-reserve': '', size: '', 'size-used': '', 'space-guarantee': '' },
    'volume-state-attributes': { ...since('9.2', { 'is-constituent': '' }), 'is-vserver-root': '', state: '' },
  }
}

/** Volumes of another style than the usual. */
export function hasFlexGroups(release: OntapRelease): boolean {
  return atLeast(release, '9.2')
}

/** A volume, and of which type the array says it is. */
export interface VolumeRow {
  readonly volume: OntapVolume
  /** `rw`, `dp`, `ls`, `del` (in the recovery queue), `tmp`. */
  readonly type: string
}

export function readVolumeRow(row: XmlFields): VolumeRow {
  const id = row.fields('volume-id-attributes')
  const state = row.fields('volume-state-attributes')
  const type = id.optionalText('type') ?? 'rw'
  const role = roleIn(id, state, type)
  return { volume: { ...readVolume(row, id, state), ...known({ role }) }, type }
}

function roleIn(id: XmlFields, state: XmlFields, type: string): OntapVolume['role'] {
  if (state.optionalFlag('is-vserver-root')) return 'root'
  if (type === 'dp' || type === 'ls') return 'mirror'
  const isConstituent =
    state.optionalFlag('is-constituent') || id.optionalText('style-extended') === 'flexgroup_constituent'
  return isConstituent ? 'constituent' : undefined
}

function readVolume(row: XmlFields, id: XmlFields, state: XmlFields): OntapVolume {
  const space = row.fields('volume-space-attributes')
  const security = row.fields('volume-security-attributes')
  const snapshots = row.fields('volume-snapshot-attributes')
  const qos = row.fields('volume-qos-attributes')
  return {
    name: id.text('name'),
    // What REST calls the UUID is the instance's; the other one changes when a mirror is made of it.
    uuid: id.optionalText('instance-uuid') ?? id.optionalText('uuid') ?? '',
    style: id.optionalText('style-extended') === 'flexgroup' ? 'flexgroup' : 'flexvol',
    state: state.optionalText('state') ?? 'online',
    size: space.optionalBytes('size') ?? (0 as Bytes),
    snapshotReserve: space.optionalCount('percentage-snapshot-reserve') ?? 0,
    aggregates: aggregatesIn(id),
    comment: id.optionalText('comment') ?? '',
    ...known({
      used: space.optionalBytes('size-used'),
      junctionPath: id.optionalText('junction-path'),
      spaceGuarantee: space.optionalText('space-guarantee'),
      snapshotPolicy: snapshots.optionalText('snapshot-policy'),
      snapshotDirectory: snapshots.optionalFlag('snapdir-access-enabled'),
      unixPermissions: modeIn(security.fields('volume-security-unix-attributes')),
      securityStyle: security.optionalText('style'),
      exportPolicy: row.fields('volume-export-attributes').optionalText('policy'),
      encryption: row.optionalFlag('encrypt'),
      tieringPolicy: row.fields('volume-comp-aggr-attributes').optionalText('tiering-policy'),
      qosPolicy: qos.optionalText('policy-group-name') ?? qos.optionalText('adaptive-policy-group-name'),
      snapshotCount: snapshots.optionalCount('snapshot-count'),
      createdAt: id.optionalDate('creation-time'),
      clonedFrom: sourceIn(row),
      cloneCount: row.fields('volume-clone-attributes').optionalCount('clone-child-count'),
    }),
  }
}

/** A FlexGroup has a list of them. */
function aggregatesIn(id: XmlFields): readonly string[] {
  const one = id.optionalText('containing-aggregate-name')
  return one === undefined ? id.texts('aggr-list', 'aggr-name').filter((name) => name !== '') : [one]
}

/** Octal digits, `755`. */
function modeIn(security: XmlFields): number | undefined {
  const digits = security.optionalText('permissions')
  return digits !== undefined && /^[0-7]{1,5}$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}

function sourceIn(row: XmlFields): OntapVolume['clonedFrom'] {
  const parent = row.fields('volume-clone-attributes').fields('volume-clone-parent-attributes')
  const volume = parent.optionalText('name')
  const snapshot = parent.optionalText('snapshot-name')
  return volume === undefined ? undefined : { volume, ...(snapshot !== undefined && { snapshot }) }
}

/** As ONTAPI takes a mode: `0755`. */
export function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
