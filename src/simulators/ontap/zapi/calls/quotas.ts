/** Quota rules, which do nothing by themselves, and having them enforced. */

import { ArrayFault } from '../../faults.ts'
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
} from '../../operations/quotas.ts'
import type { QuotaRule } from '../../state/qtree.ts'
import type { Volume } from '../../state/volume.ts'
import type { Answer, Call } from '../call.ts'
import { ApiFault, EAPIERROR, invalidValue } from '../errors.ts'
import type { Input } from '../input.ts'
import { inJob } from './jobs.ts'
import { KIB, NO_LIMIT } from './qtree-list.ts'
import { named } from './volumes.ts'

/** quota-set-entry: makes a rule, or changes the one there is. Limits that are not given are none. */
export function setEntry(call: Call): Answer {
  const { array, input } = call
  const { volume, rule } = ruleIn(call)
  const limits = limitsIn(input)
  const other = existing(call, volume, rule)
  if (other) changeQuotaRule(array, other.uuid, { hardLimit: null, softLimit: null, fileHardLimit: null, ...limits })
  else createQuotaRule(array, volume.uuid, withLimits(rule, limits))
}

/** quota-add-entry: refuses a rule that is there. */
export function addEntry(call: Call): Answer {
  const { volume, rule } = ruleIn(call)
  createQuotaRule(call.array, volume.uuid, withLimits(rule, limitsIn(call.input)))
}

/** quota-modify-entry: limits that are not given stay. */
export function modifyEntry(call: Call): Answer {
  const { volume, rule } = ruleIn(call)
  changeQuotaRule(call.array, needed(existing(call, volume, rule)).uuid, limitsIn(call.input))
}

/** quota-delete-entry. */
export function deleteEntry(call: Call): Answer {
  const { volume, rule } = ruleIn(call)
  deleteQuotaRule(call.array, needed(existing(call, volume, rule)).uuid)
}

/** quota-on. Needs a rule, and quotas that are off. */
export function on(call: Call): Answer {
  switchQuotasOn(call.array, named(call, 'volume').uuid)
  return inJob(call, { kind: 'nothing' }, call.array.durations.quota)
}

/** quota-off. Nothing is left to wait for, and so there is no job. */
export function off(call: Call): Answer {
  switchQuotasOff(call.array, named(call, 'volume').uuid)
  return { 'result-status': 'succeeded' }
}

/** quota-resize: has the rules as they are now enforced, where quotas are on. */
export function resize(call: Call): Answer {
  resizeQuotas(call.array, named(call, 'volume').uuid)
  return inJob(call, { kind: 'nothing' }, call.array.durations.quota)
}

/** quota-status. */
export function status(call: Call): Answer {
  const { state } = named(call, 'volume').quota
  const isChanging = state === 'initializing' || state === 'resizing'
  return {
    'percent-complete': isChanging ? 50 : undefined,
    'quota-errors': undefined,
    status: state,
    substatus: isChanging ? 'scanning' : 'none',
  }
}

type Key = Pick<NewQuotaRule, 'type' | 'qtree' | 'target'>

/** A rule for one qtree names it by its path as target; the default for all has an empty target. */
function ruleIn(call: Call): { readonly volume: Volume; readonly rule: Key } {
  const { input } = call
  const volume = named(call, 'volume')
  const type = input.optionalChoice('quota-type', ['tree', 'user', 'group'])
  if (type === undefined) throw new ApiFault(EAPIERROR, 'A quota rule needs a type.')
  const target = input.text('quota-target')
  if (type !== 'tree') return { volume, rule: { type, qtree: input.optionalText('qtree') ?? '', target } }
  if (input.optionalText('qtree')) throw new ApiFault(EAPIERROR, 'A tree rule names its qtree as its target only.')
  if (target === '') return { volume, rule: { type, qtree: '', target: '' } }
  const path = input.qtreePath('quota-target')
  if (path.volume !== volume.name) throw invalidValue('quota-target', input.api, target)
  return { volume, rule: { type, qtree: path.qtree, target: '' } }
}

function existing({ array }: Call, { uuid }: Volume, key: Key): QuotaRule | undefined {
  return rulesOf(array, uuid).find(
    ({ type, qtree, target }) => type === key.type && qtree === key.qtree && target === key.target,
  )
}

function needed(rule: QuotaRule | undefined): QuotaRule {
  if (rule) return rule
  throw new ArrayFault('no-quota-rule')
}

function withLimits(rule: Key, limits: QuotaLimits): NewQuotaRule {
  return { ...rule, ...Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== null)) }
}

/** KB, as text; `-` is none. Only those that are given. */
function limitsIn(input: Input): QuotaLimits {
  return {
    ...limit(input, 'disk-limit', 'hardLimit', KIB),
    ...limit(input, 'soft-disk-limit', 'softLimit', KIB),
    ...limit(input, 'file-limit', 'fileHardLimit', 1),
    ...limit(input, 'soft-file-limit', 'fileSoftLimit', 1),
  }
}

function limit(input: Input, name: string, key: keyof QuotaLimits, unit: number): QuotaLimits {
  const text = input.optionalText(name)
  if (text === undefined) return {}
  if (text === NO_LIMIT || text === '') return { [key]: null }
  if (!/^\d{1,15}$/.test(text)) throw invalidValue(name, input.api, text)
  return { [key]: Number(text) * unit }
}
