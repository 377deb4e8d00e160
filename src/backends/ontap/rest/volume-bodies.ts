/** What REST is told of a volume that is to be made or changed. */

import { BackendError } from '../../../errors.ts'
import type { NewOntapClone, NewOntapVolume, OntapRelease, OntapSvm, OntapVolume, OntapVolumeChange } from '../ontap.ts'
import { writtenMode } from './modes.ts'
import { hasSnapshotDirectory } from './volume-fields.ts'

/** @throws BackendError REFUSED for a tiering policy that REST does not have */
export function creation(svm: OntapSvm, release: OntapRelease, volume: NewOntapVolume): object {
  const { encryption, tieringPolicy, snapshotReserve, junctionPath, constituentsPerAggregate } = volume
  const qosPolicy = volume.adaptiveQosPolicy ?? volume.qosPolicy
  return {
    svm: { uuid: svm.uuid },
    name: volume.name,
    style: volume.style,
    aggregates: volume.aggregates.map((name) => ({ name })),
    size: volume.size,
    guarantee: { type: volume.spaceGuarantee },
    snapshot_policy: { name: volume.snapshotPolicy },
    ...(snapshotReserve !== undefined && { space: { snapshot: { reserve_percent: snapshotReserve } } }),
    comment: volume.comment,
    nas: {
      ...(junctionPath !== undefined && { path: junctionPath }),
      security_style: volume.securityStyle,
      unix_permissions: writtenMode(volume.unixPermissions),
      export_policy: { name: volume.exportPolicy },
    },
    ...(constituentsPerAggregate !== undefined && { constituents_per_aggregate: constituentsPerAggregate }),
    ...(hasSnapshotDirectory(release) && { snapshot_directory_access_enabled: volume.snapshotDirectory }),
    ...(encryption !== undefined && { encryption: { enabled: encryption } }),
    ...(tieringPolicy !== undefined && { tiering: { policy: writtenTiering(tieringPolicy) } }),
    ...(qosPolicy !== undefined && { qos: { policy: { name: qosPolicy } } }),
  }
}

const TIERING = ['none', 'snapshot-only', 'auto', 'all']

/** ZAPI and the command line write `snapshot-only`, and have one more. */
function writtenTiering(policy: string): string {
  if (TIERING.includes(policy)) return policy.replace('-', '_')
  throw new BackendError(
    'REFUSED',
    `The REST API of ONTAP has no tiering policy "${policy}": it takes ${TIERING.slice(0, -1).join(', ')} and ${TIERING.at(-1)}. Take one of these.`,
  )
}

/** As the array has it now, without a look at it. */
export function created(volume: NewOntapVolume, uuid: string): OntapVolume {
  const { adaptiveQosPolicy, qosPolicy = adaptiveQosPolicy, snapshotReserve, ...same } = volume
  return {
    ...same,
    uuid,
    state: 'online',
    snapshotReserve: snapshotReserve ?? 0,
    ...(qosPolicy !== undefined && { qosPolicy }),
  }
}

export function cloning(svm: OntapSvm, clone: NewOntapClone, withComment: boolean): object {
  const { name, source, snapshot, junctionPath, comment } = clone
  return {
    svm: { uuid: svm.uuid },
    name,
    clone: {
      is_flexclone: true,
      parent_volume: { name: source },
      ...(snapshot !== undefined && { parent_snapshot: { name: snapshot } }),
    },
    nas: { path: junctionPath },
    ...(withComment && { comment }),
  }
}

/** All of a change but `snapshotDirectory`, which not every release takes here. */
export function changing(change: OntapVolumeChange): object {
  const { size, comment, junctionPath, unixPermissions, exportPolicy, snapshotPolicy } = change
  const qosPolicy = change.adaptiveQosPolicy ?? change.qosPolicy
  const nas = {
    ...(junctionPath !== undefined && { path: junctionPath }),
    ...(unixPermissions !== undefined && { unix_permissions: writtenMode(unixPermissions) }),
    ...(exportPolicy !== undefined && { export_policy: { name: exportPolicy } }),
  }
  return {
    ...(size !== undefined && { size }),
    ...(comment !== undefined && { comment }),
    ...(Object.keys(nas).length > 0 && { nas }),
    ...(snapshotPolicy !== undefined && { snapshot_policy: { name: snapshotPolicy } }),
    ...(qosPolicy !== undefined && { qos: { policy: { name: qosPolicy } } }),
  }
}
