/** Export policies and their rules. */

import { addExportRule, createExportPolicy, deleteExportPolicy, deleteExportRule } from '../../operations/exports.ts'
import { exportPoliciesOf, exportPolicyNamed } from '../../operations/find.ts'
import { isAtLeast } from '../../releases.ts'
import type { ExportPolicy, ExportRule } from '../../state/exports.ts'
import { type Answer, type Call, listing, svmName, svmOf, svmsOf } from '../call.ts'
import { missingInput } from '../errors.ts'
import type { Input } from '../input.ts'
import { sortedBy } from '../iterators.ts'
import { type Shape, writerOf } from '../records.ts'

/** export-policy-create. */
export function createPolicy(call: Call): Answer {
  const { array, input } = call
  const policy = createExportPolicy(array, svmOf(call).uuid, input.text('policy-name'))
  if (!input.optionalFlag('return-record')) return
  return `<result><export-policy-info>${writerOf(policyShape(call), undefined, array.release)(policy)}</export-policy-info></result>`
}

/** export-policy-destroy. */
export function destroyPolicy(call: Call): Answer {
  deleteExportPolicy(call.array, policyIn(call).id)
}

/** export-rule-create. Older releases take the same rule twice; that this ends with 9.0 is unsure. */
export function createRule(call: Call): Answer {
  const { array, input } = call
  const index = input.optionalNumber('rule-index')
  const superuser = input.optionalTexts('super-user-security')
  const protocols = input.optionalTexts('protocol')
  const anonymousUser = input.optionalText('anonymous-user-id')
  const wanted = {
    clients: input.text('client-match').split(','),
    ro: flavors(input, 'ro-rule'),
    rw: flavors(input, 'rw-rule'),
    ...(index !== undefined && { index }),
    ...(superuser && { superuser }),
    ...(protocols && { protocols }),
    ...(anonymousUser !== undefined && { anonymousUser }),
  }
  const acceptsDuplicates = !isAtLeast(array.release, '9.0')
  addExportRule(array, policyIn(call).id, wanted, { acceptsDuplicates })
}

/** export-rule-destroy. */
export function destroyRule(call: Call): Answer {
  deleteExportRule(call.array, policyIn(call).id, call.input.number('rule-index'))
}

/** export-policy-get. */
export function getPolicy(call: Call): Answer {
  const { array, input } = call
  const policy = policyIn(call)
  const desired = input.element('desired-attributes')?.children[0]
  return `<attributes><export-policy-info>${writerOf(policyShape(call), desired, array.release)(policy)}</export-policy-info></attributes>`
}

/** export-policy-get-iter. */
export function getPolicies(call: Call): Answer {
  const { array } = call
  const rows = policiesOf(call)
  const keys = ({ svm, name }: ExportPolicy) => [svmName(array, svm), name]
  return listing(call, { record: 'export-policy-info', shape: policyShape(call), rows: sortedBy(rows, keys), keys })
}

interface Rule {
  readonly policy: ExportPolicy
  readonly rule: ExportRule
}

/** export-rule-get-iter. Recordings have rules in no order of their indices; here it is the reverse. */
export function getRules(call: Call): Answer {
  const { array } = call
  const rows = policiesOf(call).flatMap((policy) => policy.rules.map((rule) => ({ policy, rule })))
  const shape: Shape<Rule> = {
    'anonymous-user-id': ({ rule }) => rule.anonymousUser,
    'client-match': ({ rule }) => rule.clients.join(','),
    'is-allow-dev-is-enabled': () => true,
    'is-allow-set-uid-enabled': () => true,
    'policy-name': ({ policy }) => policy.name,
    protocol: { 'access-protocol': ({ rule }) => rule.protocols },
    'ro-rule': { 'security-flavor': ({ rule }) => rule.ro },
    'rule-index': ({ rule }) => rule.index,
    'rw-rule': { 'security-flavor': ({ rule }) => rule.rw },
    'super-user-security': { 'security-flavor': ({ rule }) => rule.superuser },
    'vserver-name': ({ policy }) => svmName(array, policy.svm),
  }
  const keys = ({ policy, rule }: Rule) => [svmName(array, policy.svm), policy.name, backwards(rule.index)]
  return listing(call, { record: 'export-rule-info', shape, rows: sortedBy(rows, keys), keys })
}

function policyIn(call: Call): ExportPolicy {
  return exportPolicyNamed(call.array, svmOf(call).uuid, call.input.text('policy-name'))
}

/** @throws ApiFault when the list is absent or empty */
function flavors(input: Input, name: string): readonly string[] {
  const texts = input.optionalTexts(name) ?? []
  if (texts.length === 0) throw missingInput(name)
  return texts
}

function policyShape({ array }: Call): Shape<ExportPolicy> {
  return {
    'policy-id': ({ id }) => id,
    'policy-name': ({ name }) => name,
    vserver: ({ svm }) => svmName(array, svm),
  }
}

function policiesOf(call: Call): readonly ExportPolicy[] {
  return svmsOf(call).flatMap(({ uuid }) => exportPoliciesOf(call.array, uuid))
}

const MOST_RULES = 1_000_000

function backwards(index: number): string {
  return String(MOST_RULES - index).padStart(7, '0')
}
