/** A qtree, its limit and the FlexVol around it as the volumes layer sees them. */

import type { OntapQtree, OntapVolume } from '../../backends/ontap/ontap.ts'
import type { ArrayName } from '../../names.ts'
import type { Bytes } from '../../units.ts'
import type { Volume } from '../driver.ts'
import { given } from '../ontap/given.ts'
import { printMode } from '../ontap/modes.ts'
import { usableOf } from './pools/wish.ts'

export interface Seen {
  readonly qtree: OntapQtree
  /** Absent where it has none, as with nDVP when setting the quota failed. */
  readonly limit?: Bytes
  /** Absent when it has gone meanwhile. */
  readonly pool?: OntapVolume
}

export function volumeOf(seen: Seen, { prefix, svm }: { readonly prefix: string; readonly svm: string }): Volume {
  const { qtree, limit, pool } = seen
  const { name } = qtree
  return {
    name: name as ArrayName,
    id: idOf(qtree),
    ...(name.startsWith(prefix) && { dockerName: name.slice(prefix.length) }),
    size: limit ?? (pool ? usableOf(pool) : (0 as Bytes)),
    options: optionsOf(qtree, pool),
    status: {
      svm,
      pool: qtree.volume,
      qtreeID: qtree.id,
      ...(pool?.junctionPath !== undefined && { junctionPath: `${pool.junctionPath}/${name}` }),
      ...(pool?.qosPolicy !== undefined && { qosPolicy: pool.qosPolicy }),
      ...(limit === undefined && { quota: NO_QUOTA }),
    },
  }
}

const NO_QUOTA = 'none: it can fill its FlexVol. Growing the volume gives it one.'

/** Where it is, and which of those that may have its name in turn. */
function idOf({ volume, id }: OntapQtree): string {
  return `${volume}/${id}`
}

/** The way back from a volume that was found. */
export function refOf({ name, id = '' }: Volume): {
  readonly volume: string
  readonly name: string
  readonly id: number
} {
  const [, volume = '', number] = /^(.+)\/(\d+)$/.exec(id) ?? []
  return { volume, name, id: Number(number) }
}

function optionsOf(qtree: OntapQtree, pool: OntapVolume | undefined): Volume['options'] {
  const { unixPermissions, securityStyle, exportPolicy = pool?.exportPolicy } = qtree
  return given({
    unixPermissions: unixPermissions ? printMode(unixPermissions) : undefined,
    securityStyle,
    exportPolicy,
    spaceReserve: pool?.spaceGuarantee,
    snapshotPolicy: pool?.snapshotPolicy,
    snapshotReserve: pool?.snapshotReserve,
    snapshotDir: pool?.snapshotDirectory,
    encryption: pool?.encryption,
    aggregate: pool?.aggregates[0],
    tieringPolicy: pool?.tieringPolicy,
  })
}
