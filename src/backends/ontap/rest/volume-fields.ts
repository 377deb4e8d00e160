/** A volume as REST shows it. */

import type { Bytes } from '../../../units.ts'
import type { Fields } from '../../fields.ts'
import type { OntapRelease, OntapVolume } from '../ontap.ts'
import { atLeast } from '../releases.ts'
import { bytesIn, countIn, dateIn, flagIn, namesIn, part, textIn } from './maybe.ts'
import { readMode } from './modes.ts'

const FIELDS = [
  'state',
  'style',
  'type',
  'is_svm_root',
  'size',
  'comment',
  'aggregates.name',
  'guarantee.type',
  'space.used',
  'space.snapshot.reserve_percent',
  'nas.path',
  'nas.security_style',
  'nas.unix_permissions',
  'nas.export_policy.name',
  'snapshot_policy.name',
  'snapshot_count',
  'encryption.enabled',
  'tiering.policy',
  'qos.policy.name',
  'create_time',
  'clone.is_flexclone',
  'clone.parent_volume.name',
  'clone.parent_snapshot.name',
]

/** What is asked for of each volume. */
export function volumeFields(release: OntapRelease): string {
  return [...FIELDS, ...(hasSnapshotDirectory(release) ? ['snapshot_directory_access_enabled'] : [])].join(',')
}

/** Whether REST itself shows and sets who sees `.snapshot`. */
export function hasSnapshotDirectory(release: OntapRelease): boolean {
  return atLeast(release, '9.13.1')
}

/** One that is offline shows little more than its name. */
export function readVolume(volume: Fields): OntapVolume {
  const space = part(volume, 'space')
  const nas = part(volume, 'nas')
  return {
    name: volume.text('name'),
    uuid: uuidOf(volume),
    style: textIn(volume, 'style') === 'flexgroup' ? 'flexgroup' : 'flexvol',
    state: textIn(volume, 'state') ?? 'unknown',
    size: bytesIn(volume, 'size') ?? NOT_SAID,
    snapshotReserve: countIn(part(space, 'snapshot'), 'reserve_percent') ?? 0,
    aggregates: namesIn(volume, 'aggregates'),
    comment: textIn(volume, 'comment') ?? '',
    ...present({
      used: bytesIn(space, 'used'),
      junctionPath: textIn(nas, 'path') || undefined,
      spaceGuarantee: textIn(part(volume, 'guarantee'), 'type'),
      snapshotPolicy: textIn(part(volume, 'snapshot_policy'), 'name'),
      snapshotDirectory: flagIn(volume, 'snapshot_directory_access_enabled'),
      unixPermissions: readMode(countIn(nas, 'unix_permissions')),
      securityStyle: textIn(nas, 'security_style'),
      exportPolicy: textIn(part(nas, 'export_policy'), 'name'),
      encryption: flagIn(part(volume, 'encryption'), 'enabled'),
      tieringPolicy: textIn(part(volume, 'tiering'), 'policy')?.replace('_', '-'),
      qosPolicy: textIn(part(part(volume, 'qos'), 'policy'), 'name'),
      snapshotCount: countIn(volume, 'snapshot_count'),
      createdAt: dateIn(volume, 'create_time'),
      clonedFrom: readOrigin(part(volume, 'clone')),
      role: readRole(volume),
    }),
  }
}

/** Calls name a volume by it, and one that is empty would name all there are. */
function uuidOf(volume: Fields): string {
  return volume.matching('uuid', /./, 'text')
}

const NOT_SAID = 0 as Bytes

/** Constituents are shown only to those who ask for them. */
function readRole(volume: Fields): OntapVolume['role'] {
  if (flagIn(volume, 'is_svm_root') === true) return 'root'
  if ((textIn(volume, 'type') ?? 'rw') !== 'rw') return 'mirror'
  return textIn(volume, 'style') === 'flexgroup_constituent' ? 'constituent' : undefined
}

/** A clone that was split shows its origin no longer. */
function readOrigin(clone: Fields | undefined): OntapVolume['clonedFrom'] {
  const volume = textIn(part(clone, 'parent_volume'), 'name')
  if (flagIn(clone, 'is_flexclone') !== true || volume === undefined) return undefined
  const snapshot = textIn(part(clone, 'parent_snapshot'), 'name')
  return { volume, ...(snapshot !== undefined && { snapshot }) }
}

/** Without the members that are undefined. */
function present<T extends object>(
  members: { readonly [Name in keyof T]: T[Name] | undefined },
): {
  readonly [Name in keyof T]?: T[Name]
} {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>
}
