/** A FlexVol or FlexGroup as the volumes layer sees it. */

import type { OntapVolume, OntapVolumeStyle } from '../../backends/ontap/ontap.ts'
import { BackendError } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import type { Volume } from '../driver.ts'
import { given } from './given.ts'
import { isForeign, marksIn } from './marks.ts'
import { printMode } from './modes.ts'
import { CLONE_IN_THE_MAKING, QTREE_POOL } from './names.ts'
import { withoutReserve } from './sizes.ts'

export interface ViewSettings {
  readonly style: OntapVolumeStyle
  /** As the config has it, and as it stands in the array's names. */
  readonly prefix: string
  readonly arrayPrefix: string
  readonly svm: string
}

export function volumeOf(found: OntapVolume, settings: ViewSettings): Volume {
  const { name, uuid, size, snapshotReserve, createdAt, clonedFrom } = found
  const marks = marksIn(found.comment)
  const owner = ownerOf(found, settings)
  const from = clonedFrom?.volume ?? marks?.from
  return {
    name: name as ArrayName,
    id: uuid,
    ...(owner !== undefined && { belongsTo: owner }),
    foreign: isForeign(found, settings.arrayPrefix),
    ...(marks && { dockerName: marks.name }),
    size: withoutReserve(size, snapshotReserve),
    ...(createdAt && { createdAt }),
    ...(marks?.intent !== undefined && { intent: marks.intent }),
    options: optionsOf(found),
    ...(from !== undefined && { clonedFrom: from as ArrayName }),
    status: statusOf(found, settings.svm),
  }
}

/** Whose it is, if not this instance's. */
export function ownerOf({ name, style, comment, role }: OntapVolume, settings: ViewSettings): string | undefined {
  if (role !== undefined) return ROLES[role]
  const marks = marksIn(comment)
  if (marks && marks.prefix !== settings.prefix) return `the instance of prefix "${marks.prefix}"`
  if (CLONE_IN_THE_MAKING.test(name)) return 'a host that is making a clone'
  if (QTREE_POOL.test(name)) return 'ontap-nas-economy, which keeps qtrees in it'
  if (style !== settings.style) return style === 'flexgroup' ? 'ontap-nas-flexgroup' : 'ontap-nas'
  return undefined
}

const ROLES = {
  root: 'the SVM itself, its root',
  mirror: 'a mirror',
  constituent: 'a FlexGroup, a part of it',
} as const

/** @throws BackendError REFUSED for one that no host could mount */
export function refuseUnusable({ name, state }: OntapVolume): void {
  if (state === 'online') return
  throw new BackendError(
    'REFUSED',
    `Cannot use volume "${name}": it is ${state} on the array. Bring it online: "volume online -volume ${name}".`,
  )
}

function optionsOf(found: OntapVolume): Volume['options'] {
  const { spaceGuarantee, snapshotPolicy, snapshotReserve, snapshotDirectory, unixPermissions } = found
  const { exportPolicy, securityStyle, encryption, aggregates, tieringPolicy } = found
  return given({
    spaceReserve: spaceGuarantee,
    snapshotPolicy,
    snapshotReserve,
    snapshotDir: snapshotDirectory,
    unixPermissions: unixPermissions === undefined ? undefined : printMode(unixPermissions),
    exportPolicy,
    securityStyle,
    encryption,
    aggregate: aggregates.length === 1 ? aggregates[0] : undefined,
    tieringPolicy,
  })
}

function statusOf(found: OntapVolume, svm: string): Record<string, unknown> {
  const { uuid, state, junctionPath, aggregates, used, qosPolicy, clonedFrom } = found
  return given({
    svm,
    uuid,
    state,
    junctionPath,
    aggregates: aggregates.length > 1 ? aggregates.join(', ') : undefined,
    used,
    qosPolicy,
    parentSnapshot: clonedFrom?.snapshot,
  })
}
