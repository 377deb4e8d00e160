/** What jobs do when their time has come. Plain data, so that a restart forgets none. */

import { ArrayFault } from '../faults.ts'
import type { JobNote } from '../jobs.ts'
import type { OntapArray } from '../state.ts'
import { createClone, type NewClone, startSplit } from './clones.ts'
import { type Deletion, deleteVolume, purgeFromQueue } from './deletion.ts'
import { volumeOf } from './find.ts'
import { changeQtree, createQtree, deleteQtree, type NewQtree, type QtreeChange } from './qtrees.ts'
import {
  changeQuotaRule,
  createQuotaRule,
  deleteQuotaRule,
  type NewQuotaRule,
  type QuotaLimits,
  resizeQuotas,
  rulesOf,
  switchQuotasOff,
  switchQuotasOn,
} from './quotas.ts'
import { createSnapshot, deleteSnapshot, type NewSnapshot, renameSnapshot, restoreSnapshot } from './snapshots.ts'
import { changeVolume, type VolumeChange } from './volume-changes.ts'
import { createVolume, type NewVolume } from './volumes.ts'

/** `volume` is a UUID. */
export type Work =
  | { readonly kind: 'create-volume'; readonly volume: NewVolume }
  | { readonly kind: 'create-clone'; readonly clone: NewClone }
  | { readonly kind: 'change-volume'; readonly volume: string; readonly change: VolumeChange }
  | { readonly kind: 'split-clone'; readonly volume: string }
  | { readonly kind: 'delete-volume'; readonly volume: string; readonly how: Deletion }
  | { readonly kind: 'purge-volume'; readonly svm: string; readonly name: string }
  | { readonly kind: 'create-snapshot'; readonly volume: string; readonly snapshot: NewSnapshot }
  | { readonly kind: 'rename-snapshot'; readonly volume: string; readonly name: string; readonly to: string }
  | { readonly kind: 'delete-snapshot'; readonly volume: string; readonly name: string }
  | { readonly kind: 'restore-snapshot'; readonly volume: string; readonly name: string }
  | { readonly kind: 'create-qtree'; readonly volume: string; readonly qtree: NewQtree }
  | { readonly kind: 'change-qtree'; readonly volume: string; readonly name: string; readonly change: QtreeChange }
  | { readonly kind: 'delete-qtree'; readonly volume: string; readonly name: string }
  | { readonly kind: 'create-quota-rule'; readonly volume: string; readonly rule: NewQuotaRule }
  | { readonly kind: 'change-quota-rule'; readonly rule: string; readonly limits: QuotaLimits }
  | { readonly kind: 'delete-quota-rule'; readonly rule: string }
  | { readonly kind: 'switch-quotas'; readonly volume: string; readonly on: boolean }
  | { readonly kind: 'resize-quotas'; readonly volume: string }
  /** Several changes asked for in one request; those before one that is refused stay. */
  | { readonly kind: 'all'; readonly works: readonly Work[] }
  /** Fails, because a test wants it to. */
  | { readonly kind: 'fail'; readonly code: string }
  /** Something that took its time and did nothing that is kept. */
  | { readonly kind: 'nothing' }

/** @throws ArrayFault */
export function perform(array: OntapArray, work: Work): JobNote | undefined {
  switch (work.kind) {
    case 'create-volume':
      createVolume(array, work.volume)
      return undefined
    case 'create-clone':
      createClone(array, work.clone)
      return undefined
    case 'change-volume':
      changeVolume(array, work.volume, work.change)
      return undefined
    case 'split-clone':
      startSplit(array, work.volume)
      return undefined
    case 'delete-volume':
      deleteVolume(array, work.volume, work.how)
      return undefined
    case 'purge-volume':
      purgeFromQueue(array, work.svm, work.name)
      return undefined
    case 'create-snapshot':
      createSnapshot(array, work.volume, work.snapshot)
      return undefined
    case 'rename-snapshot':
      renameSnapshot(array, work.volume, work.name, work.to)
      return undefined
    case 'delete-snapshot':
      deleteSnapshot(array, work.volume, work.name)
      return undefined
    case 'restore-snapshot':
      restoreSnapshot(array, work.volume, work.name)
      return undefined
    case 'create-qtree':
      createQtree(array, work.volume, work.qtree)
      return undefined
    case 'change-qtree':
      changeQtree(array, work.volume, work.name, work.change)
      return undefined
    case 'delete-qtree':
      deleteQtree(array, work.volume, work.name)
      return undefined
    case 'create-quota-rule':
      createWithDefault(array, work.volume, work.rule)
      return takeUp(array, work.volume)
    case 'change-quota-rule':
      return takeUp(array, changeQuotaRule(array, work.rule, work.limits).volume)
    case 'delete-quota-rule':
      return takeUp(array, deleteQuotaRule(array, work.rule).volume)
    case 'switch-quotas':
      switchQuotas(array, work.volume, work.on)
      return undefined
    case 'resize-quotas':
      resizeQuotas(array, work.volume)
      return undefined
    case 'all':
      return work.works.map((each) => perform(array, each)).find((note) => note !== undefined)
    case 'fail':
      throw new ArrayFault('asked-for', { code: work.code })
    case 'nothing':
      return undefined
  }
}

/** REST adds a default rule for qtrees, without limits, beside the first for a single one. */
function createWithDefault(array: OntapArray, volume: string, rule: NewQuotaRule): void {
  createQuotaRule(array, volume, rule)
  const trees = rulesOf(array, volume).filter(({ type }) => type === 'tree')
  if (rule.type !== 'tree' || trees.some(({ qtree }) => qtree === '')) return
  createQuotaRule(array, volume, { type: 'tree', qtree: '', target: '' })
}

/** REST has changed rules taken up by itself, where quotas are on. */
function takeUp(array: OntapArray, volume: string): JobNote | undefined {
  const { state } = volumeOf(array, volume).quota
  if (state === 'off' || state === 'initializing') return 'stored-quotas-off'
  resizeQuotas(array, volume)
  return undefined
}

/** To what it is already is fine. */
function switchQuotas(array: OntapArray, volume: string, on: boolean): void {
  const { state } = volumeOf(array, volume).quota
  if (on && state === 'off') switchQuotasOn(array, volume)
  else if (!on && state !== 'off') switchQuotasOff(array, volume)
}
