/**
 * Quotas. A rule does nothing by itself: what is enforced is what the rules were when quotas of the volume were last
 * switched on or resized.
 *
 * Limits stick to a qtree through its renaming, and so do rules.
 */

import { randomUUID } from 'node:crypto'
import { ArrayFault } from '../faults.ts'
import type { Qtree, Quota, QuotaRule } from '../state/qtree.ts'
import type { Volume } from '../state/volume.ts'
import { now, type OntapArray } from '../state.ts'
import { onlineVolume, qtreeNamed, volumeOf } from './find.ts'

/** Plain data: it is kept with the job that will make it. Limits absent: none. */
export interface NewQuotaRule extends Omit<QuotaRule, 'uuid' | 'volume'> {
  /** What it is to have; absent: any. */
  readonly uuid?: string
}

/** @throws ArrayFault no-volume | no-qtree | quota-rule-exists */
export function createQuotaRule(array: OntapArray, volume: string, wanted: NewQuotaRule): QuotaRule {
  const of = onlineVolume(array, volume)
  const { type, qtree, target } = wanted
  if (qtree !== '') qtreeNamed(array, of, qtree)
  const others = rulesOf(array, volume)
  if (others.some((rule) => rule.type === type && rule.qtree === qtree && rule.target === target)) {
    throw new ArrayFault('quota-rule-exists', { volume: of.name, qtree, target })
  }
  const rule = { uuid: randomUUID(), ...wanted, volume }
  array.quotaRules.set(volume, [...others, rule])
  return rule
}

export interface QuotaLimits {
  /** Bytes; `null`: no limit. */
  readonly hardLimit?: number | null
  readonly softLimit?: number | null
  readonly fileHardLimit?: number | null
  readonly fileSoftLimit?: number | null
}

/** @throws ArrayFault no-quota-rule */
export function changeQuotaRule(array: OntapArray, uuid: string, limits: QuotaLimits): QuotaRule {
  const rule = quotaRuleOf(array, uuid)
  const entries = Object.entries({ ...rule, ...limits }).filter(([, value]) => value !== null)
  const made = Object.fromEntries(entries) as unknown as QuotaRule
  array.quotaRules.set(
    rule.volume,
    rulesOf(array, rule.volume).map((other) => (other.uuid === uuid ? made : other)),
  )
  return made
}

/** @throws ArrayFault no-quota-rule */
export function deleteQuotaRule(array: OntapArray, uuid: string): QuotaRule {
  const rule = quotaRuleOf(array, uuid)
  const { volume } = rule
  array.quotaRules.set(
    volume,
    rulesOf(array, volume).filter((other) => other.uuid !== uuid),
  )
  return rule
}

export function rulesOf(array: OntapArray, volume: string): readonly QuotaRule[] {
  return array.quotaRules.get(volume) ?? []
}

/**
 * Rules follow a qtree that is renamed, and go with one that is deleted.
 *
 * @see docs.netapp.com/us-en/ontap/volumes/qtree-changes-affect-quotas-concept.html
 */
export function renameRules(array: OntapArray, volume: string, qtree: string, to: string): void {
  const rules = rulesOf(array, volume).map((rule) => (rule.qtree === qtree ? { ...rule, qtree: to } : rule))
  array.quotaRules.set(volume, rules)
}

export function dropRules(array: OntapArray, volume: string, qtree: string): void {
  const rules = rulesOf(array, volume).filter((rule) => rule.qtree !== qtree)
  array.quotaRules.set(volume, rules)
}

/** @throws ArrayFault no-quota-rule */
export function quotaRuleOf(array: OntapArray, uuid: string): QuotaRule {
  for (const rules of array.quotaRules.values()) {
    const rule = rules.find((rule) => rule.uuid === uuid)
    if (rule) return rule
  }
  throw new ArrayFault('no-quota-rule', { rule: uuid })
}

/** Limits count once it is done. @throws ArrayFault no-volume | volume-offline | quota-is-on | quota-changing | quota-without-rules */
export function switchQuotasOn(array: OntapArray, volume: string): void {
  const of = onlineVolume(array, volume)
  if (of.quota.state === 'on') throw new ArrayFault('quota-is-on', { volume: of.name })
  if (of.quota.state !== 'off') throw new ArrayFault('quota-changing', { volume: of.name, state: of.quota.state })
  if (rulesOf(array, volume).length === 0) throw new ArrayFault('quota-without-rules', { volume: of.name })
  putQuota(array, of, { ...of.quota, state: 'initializing', until: now(array) + array.durations.quota })
}

/** @throws ArrayFault no-volume | quota-is-off */
export function switchQuotasOff(array: OntapArray, volume: string): void {
  const of = volumeOf(array, volume)
  if (of.quota.state === 'off') throw new ArrayFault('quota-is-off', { volume: of.name })
  putQuota(array, of, { state: 'off', enforced: [] })
}

/** Takes up what rules are now, once it is done. @throws ArrayFault no-volume | quota-is-off | quota-changing */
export function resizeQuotas(array: OntapArray, volume: string): void {
  const of = onlineVolume(array, volume)
  if (of.quota.state === 'off') throw new ArrayFault('quota-is-off', { volume: of.name })
  if (of.quota.state === 'initializing')
    throw new ArrayFault('quota-changing', { volume: of.name, state: 'initializing' })
  putQuota(array, of, { ...of.quota, state: 'resizing', until: now(array) + array.durations.quota })
}

/** Switching on, or resizing, is done: the rules as they are now are enforced. */
export function enforceRules(array: OntapArray, volume: Volume): void {
  const qtrees = array.qtrees.get(volume.uuid) ?? []
  const enforced = qtrees.flatMap(({ id, name }) => {
    const hardLimit = limitOf(array, volume.uuid, name)
    return hardLimit === undefined ? [] : [{ qtree: id, hardLimit }]
  })
  putQuota(array, volume, { state: 'on', enforced })
}

/** A new qtree is under the default rule at once, where quotas are on. */
export function enforceDefault(array: OntapArray, volume: string, qtree: Qtree): void {
  const of = volumeOf(array, volume)
  const hardLimit = limitOf(array, volume, '')
  if (of.quota.state === 'off' || hardLimit === undefined) return
  putQuota(array, of, { ...of.quota, enforced: [...of.quota.enforced, { qtree: qtree.id, hardLimit }] })
}

export function stopEnforcing(array: OntapArray, volume: string, qtree: number): void {
  const of = volumeOf(array, volume)
  const enforced = of.quota.enforced.filter((limit) => limit.qtree !== qtree)
  if (enforced.length < of.quota.enforced.length) array.volumes.put({ ...of, quota: { ...of.quota, enforced } })
}

/** The qtree's own rule, or the default. */
function limitOf(array: OntapArray, volume: string, qtree: string): number | undefined {
  const rules = rulesOf(array, volume).filter(({ type }) => type === 'tree')
  const rule = rules.find((rule) => rule.qtree === qtree) ?? rules.find((rule) => rule.qtree === '')
  return rule?.hardLimit
}

/** Tells of each qtree whose limit is another one now. */
function putQuota(array: OntapArray, volume: Volume, quota: Quota): void {
  array.volumes.put({ ...volume, quota })
  const before = new Map(volume.quota.enforced.map(({ qtree, hardLimit }) => [qtree, hardLimit]))
  const after = new Map(quota.enforced.map(({ qtree, hardLimit }) => [qtree, hardLimit]))
  for (const { id, name } of array.qtrees.get(volume.uuid) ?? []) {
    const limit = after.get(id)
    if (limit === before.get(id)) continue
    array.effects.push({ kind: 'quota', volume: volume.uuid, qtree: name, ...(limit !== undefined && { limit }) })
  }
}
