/** Quota rules, and what is used of them. */

import { randomUUID } from 'node:crypto'
import type { Reply } from '../../../server.ts'
import { qtreeNamed } from '../../operations/find.ts'
import { type NewQuotaRule, type QuotaLimits, quotaRuleOf } from '../../operations/quotas.ts'
import type { QuotaRule } from '../../state/qtree.ts'
import type { Volume } from '../../state/volume.ts'
import type { OntapArray } from '../../state.ts'
import { type RestCall, seenSvms, svmOf } from '../call.ts'
import { missing, noSuchEntry } from '../errors.ts'
import { list, type Resource, show } from '../records.ts'
import { list as items, number, text } from '../shape.ts'
import { byJob } from '../writes.ts'
import { volumeIn } from './qtrees.ts'

const volumeOf = ({ volume }: { readonly volume: string }, { volumes }: OntapArray) => volumes.get(volume)!

const RULE: Resource<QuotaRule> = {
  keys: ['svm.name', 'svm.uuid', 'volume.name', 'volume.uuid', 'uuid'],
  orderOf: ({ uuid }) => uuid,
  pathOf: ({ uuid }) => `/api/storage/quota/rules/${uuid}`,
  shape: {
    'svm.name': text((rule, array) => array.svms.get(volumeOf(rule, array).svm)?.name),
    'svm.uuid': text((rule, array) => volumeOf(rule, array).svm),
    'volume.name': text((rule, array) => volumeOf(rule, array).name),
    'volume.uuid': text(({ volume }) => volume),
    uuid: text(({ uuid }) => uuid),
    type: text(({ type }) => type),
    'qtree.name': text(({ qtree }) => qtree),
    'qtree.id': number(({ volume, qtree }, { qtrees }) => qtrees.get(volume)?.find(({ name }) => name === qtree)?.id),
    users: items(['name'], ({ type, target }) => (type === 'user' ? [{ name: target }] : undefined)),
    'group.name': text(({ type, target }) => (type === 'group' ? target : undefined)),
    'space.hard_limit': number(({ hardLimit }) => hardLimit),
    'space.soft_limit': number(({ softLimit }) => softLimit),
    'files.hard_limit': number(({ fileHardLimit }) => fileHardLimit),
    'files.soft_limit': number(({ fileSoftLimit }) => fileSoftLimit),
  },
}

export function listRules(call: RestCall): Reply {
  return list(call, RULE, visible(call))
}

/** @throws RestError 4 */
export function getRule(call: RestCall): Reply {
  return show(call, RULE, ruleAsked(call))
}

/** Where quotas are off it ends in an error, although the rule is stored. */
export function postRule(call: RestCall): Promise<Reply> {
  const { body, query } = call
  const svm = svmOf(call)
  const type = body.oneOf('type', ['tree', 'user', 'group'])
  if (type === undefined) throw missing('type')
  const volume = volumeIn(call, svm.uuid)
  const qtree = body.text('qtree.name') ?? ''
  if (qtree !== '') qtreeNamed(call.array, volume, qtree)
  const [user] = body.namesIn('users')
  const target = type === 'user' ? (user?.name ?? '') : type === 'group' ? (body.text('group.name') ?? '') : ''
  const limits = Object.entries(limitsOf(call)).filter(([, value]) => value !== null)
  const uuid = randomUUID()
  const rule = { uuid, type, qtree, target, ...Object.fromEntries(limits) } as NewQuotaRule
  if (!query.ignoreUnknownFields) body.checkNothingElse()
  const echo = { uuid, type, volume: { name: volume.name }, qtree: { name: qtree }, svm: { name: svm.name } }
  const records = query.returnRecords ? { num_records: 1, records: [echo] } : {}
  const work = { kind: 'create-quota-rule', volume: volume.uuid, rule } as const
  return byJob(call, 'POST', { svm: svm.uuid, work, records, status: 201 })
}

export function patchRule(call: RestCall): Promise<Reply> {
  const { uuid, volume } = ruleAsked(call)
  const limits = limitsOf(call)
  if (!call.query.ignoreUnknownFields) call.body.checkNothingElse()
  const work = { kind: 'change-quota-rule', rule: uuid, limits } as const
  return byJob(call, 'PATCH', { svm: volumeOf({ volume }, call.array).svm, work, status: 200 })
}

export function deleteRule(call: RestCall): Promise<Reply> {
  const { uuid, volume } = ruleAsked(call)
  const work = { kind: 'delete-quota-rule', rule: uuid } as const
  return byJob(call, 'DELETE', { svm: volumeOf({ volume }, call.array).svm, work, status: 200 })
}

interface Report {
  readonly volume: string
  readonly index: number
  readonly qtree: { readonly id: number; readonly name: string }
  readonly hardLimit: number | undefined
}

const REPORT: Resource<Report> = {
  keys: ['svm.name', 'svm.uuid', 'volume.name', 'volume.uuid', 'index'],
  orderOf: ({ volume, index }) => `${volume} ${String(index).padStart(6, '0')}`,
  shape: {
    'svm.name': text((report, array) => array.svms.get(volumeOf(report, array).svm)?.name),
    'svm.uuid': text((report, array) => volumeOf(report, array).svm),
    'volume.name': text((report, array) => volumeOf(report, array).name),
    'volume.uuid': text(({ volume }) => volume),
    index: number(({ index }) => index),
    type: text(() => 'tree'),
    'qtree.name': text(({ qtree }) => qtree.name),
    'qtree.id': number(({ qtree }) => qtree.id),
    'space.hard_limit': number(({ hardLimit }) => hardLimit),
    'space.used.total': number(() => 0),
    'space.used.hard_limit_percent': number(({ hardLimit }) => (hardLimit === undefined ? undefined : 0)),
    'files.used.total': number(() => 1),
  },
}

/** What is enforced now. Rows without a limit lack the keys. */
export function listReports(call: RestCall): Reply {
  const seen = seenSvms(call)
  const on = call.array.volumes.all().filter(({ svm, quota }) => seen.has(svm) && quota.state !== 'off')
  const inOrder = [...on].sort((a, b) => (a.uuid < b.uuid ? -1 : 1))
  return list(
    call,
    REPORT,
    inOrder.flatMap((volume) => reportsOf(call.array, volume)),
  )
}

function reportsOf({ qtrees }: OntapArray, { uuid, quota }: Volume): readonly Report[] {
  const limits = new Map(quota.enforced.map(({ qtree, hardLimit }) => [qtree, hardLimit]))
  return (qtrees.get(uuid) ?? []).map((qtree) => ({
    volume: uuid,
    index: qtree.id,
    qtree,
    hardLimit: limits.get(qtree.id),
  }))
}

function visible(call: RestCall): readonly QuotaRule[] {
  const seen = seenSvms(call)
  const rules = [...call.array.quotaRules.values()].flat().filter((rule) => seen.has(volumeOf(rule, call.array).svm))
  return rules.sort((a, b) => (a.uuid < b.uuid ? -1 : 1))
}

function ruleAsked(call: RestCall): QuotaRule {
  const [uuid = ''] = call.params
  if (!visible(call).some((rule) => rule.uuid === uuid)) throw noSuchEntry()
  return quotaRuleOf(call.array, uuid)
}

/** `-1`: none. */
function limitsOf({ body }: RestCall): QuotaLimits {
  const limits = {
    hardLimit: body.size('space.hard_limit'),
    softLimit: body.size('space.soft_limit'),
    fileHardLimit: body.number('files.hard_limit'),
    fileSoftLimit: body.number('files.soft_limit'),
  }
  const given = Object.entries(limits).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, value === -1 ? null : value]))
}
