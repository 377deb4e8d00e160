/** Export policies and their rules. All is done at once. */

import type { Reply } from '../../../server.ts'
import { defined } from '../../defined.ts'
import {
  addExportRule,
  changeExportRule,
  createExportPolicy,
  deleteExportPolicy,
  deleteExportRule,
  exportRuleOf,
  type NewExportRule,
  renameExportPolicy,
} from '../../operations/exports.ts'
import type { ExportPolicy, ExportRule } from '../../state/exports.ts'
import type { Body } from '../body.ts'
import { type RestCall, seenSvms, svmOf } from '../call.ts'
import { missing, noSuchEntry } from '../errors.ts'
import { list, made, type Resource, show } from '../records.ts'
import { list as items, number, text } from '../shape.ts'
import { atOnce } from '../writes.ts'

const POLICY: Resource<ExportPolicy> = {
  keys: ['id', 'name'],
  orderOf: ({ id }) => String(id).padStart(20, '0'),
  pathOf: ({ id }) => `/api/protocols/nfs/export-policies/${id}`,
  shape: {
    id: number(({ id }) => id),
    name: text(({ name }) => name),
    'svm.name': text(({ svm }, { svms }) => svms.get(svm)?.name),
    'svm.uuid': text(({ svm }) => svm),
    rules: items(
      ['index', 'clients', 'protocols', 'ro_rule', 'rw_rule', 'superuser', 'anonymous_user'],
      ({ rules }) =>
        rules.map(({ index, clients, protocols, ro, rw, superuser, anonymousUser }) => ({
          index,
          clients: clients.map((match) => ({ match })),
          protocols,
          ro_rule: ro,
          rw_rule: rw,
          superuser,
          anonymous_user: anonymousUser,
        })),
      { expensive: true },
    ),
  },
}

export function listPolicies(call: RestCall): Reply {
  return list(call, POLICY, visible(call))
}

/** @throws RestError 4 */
export function getPolicy(call: RestCall): Reply {
  return show(call, POLICY, policyAsked(call))
}

export function postPolicy(call: RestCall): Promise<Reply> {
  const { array, body } = call
  const svm = svmOf(call)
  const name = body.text('name')
  if (name === undefined) throw missing('name')
  const rules = (body.items('rules') ?? []).map(newRule)
  if (!call.query.ignoreUnknownFields) body.checkNothingElse()
  const policy = createExportPolicy(array, svm.uuid, name, rules)
  return atOnce(call, 201, made(call, POLICY, [policy]), `/api/protocols/nfs/export-policies/${policy.id}`)
}

export function patchPolicy(call: RestCall): Promise<Reply> {
  const { id } = policyAsked(call)
  const name = call.body.text('name')
  if (!call.query.ignoreUnknownFields) call.body.checkNothingElse()
  if (name !== undefined) renameExportPolicy(call.array, id, name)
  return atOnce(call, 200)
}

export function deletePolicy(call: RestCall): Promise<Reply> {
  deleteExportPolicy(call.array, policyAsked(call).id)
  return atOnce(call, 200)
}

interface Rule extends ExportRule {
  readonly policy: ExportPolicy
}

/** Without `fields` there is little: clients have to be asked for. */
const RULE: Resource<Rule> = {
  keys: ['index'],
  orderOf: ({ index }) => String(index).padStart(10, '0'),
  pathOf: ({ policy, index }) => `/api/protocols/nfs/export-policies/${policy.id}/rules/${index}`,
  shape: {
    index: number(({ index }) => index),
    clients: items(['match'], ({ clients }) => clients.map((match) => ({ match }))),
    protocols: text(({ protocols }) => protocols),
    ro_rule: text(({ ro }) => ro),
    rw_rule: text(({ rw }) => rw),
    superuser: text(({ superuser }) => superuser),
    anonymous_user: text(({ anonymousUser }) => anonymousUser),
    'policy.id': number(({ policy }) => policy.id, { since: '9.10.1' }),
    'policy.name': text(({ policy }) => policy.name, { since: '9.10.1' }),
    'svm.name': text(({ policy }, { svms }) => svms.get(policy.svm)?.name, { since: '9.10.1' }),
    'svm.uuid': text(({ policy }) => policy.svm, { since: '9.10.1' }),
  },
}

export function listRules(call: RestCall): Reply {
  const policy = policyAsked(call)
  return list(
    call,
    RULE,
    policy.rules.map((rule) => ({ ...rule, policy })),
  )
}

/** @throws RestError 4 */
export function getRule(call: RestCall): Reply {
  const policy = policyAsked(call)
  return show(call, RULE, { ...exportRuleOf(policy, indexIn(call)), policy })
}

/** One that is there already is refused. */
export function postRule(call: RestCall): Promise<Reply> {
  const { array, body } = call
  const { id } = policyAsked(call)
  const wanted = newRule(body)
  if (!call.query.ignoreUnknownFields) body.checkNothingElse()
  const rule = addExportRule(array, id, wanted, { acceptsDuplicates: false })
  const policy = array.exportPolicies.get(id)!
  const location = `/api/protocols/nfs/export-policies/${id}/rules/${rule.index}`
  return atOnce(call, 201, made(call, RULE, [{ ...rule, policy }]), location)
}

export function patchRule(call: RestCall): Promise<Reply> {
  const { id } = policyAsked(call)
  const { index: _, ...change } = ruleIn(call.body)
  if (!call.query.ignoreUnknownFields) call.body.checkNothingElse()
  changeExportRule(call.array, id, indexIn(call), change)
  return atOnce(call, 200)
}

export function deleteRule(call: RestCall): Promise<Reply> {
  deleteExportRule(call.array, policyAsked(call).id, indexIn(call))
  return atOnce(call, 200)
}

function visible(call: RestCall): readonly ExportPolicy[] {
  const seen = seenSvms(call)
  return [...call.array.exportPolicies.values()].filter(({ svm }) => seen.has(svm)).sort((a, b) => a.id - b.id)
}

function policyAsked(call: RestCall): ExportPolicy {
  const policy = visible(call).find(({ id }) => String(id) === call.params[0])
  if (!policy) throw noSuchEntry()
  return policy
}

function indexIn({ params }: RestCall): number {
  return Number(params[1])
}

function newRule(body: Body): NewExportRule {
  const rule = ruleIn(body)
  for (const [value, field] of [
    [rule.clients, 'clients'],
    [rule.ro, 'ro_rule'],
    [rule.rw, 'rw_rule'],
  ] as const) {
    if (value === undefined) throw missing(field)
  }
  return { ...rule, clients: rule.clients ?? [] }
}

function ruleIn(body: Body): Partial<ExportRule> {
  const clients = body.items('clients')?.map((client) => client.neededText('match'))
  return defined({
    index: body.number('index'),
    clients,
    protocols: body.texts('protocols'),
    ro: body.texts('ro_rule'),
    rw: body.texts('rw_rule'),
    superuser: body.texts('superuser'),
    anonymousUser: body.text('anonymous_user'),
  })
}
