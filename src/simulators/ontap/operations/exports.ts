/** Who may mount what: export policies and their rules. */

import { isIP, isIPv4 } from 'node:net'
import { ArrayFault } from '../faults.ts'
import type { ExportPolicy, ExportRule } from '../state/exports.ts'
import { nextId, type OntapArray } from '../state.ts'
import { changed } from './changed.ts'
import { exportPoliciesOf } from './find.ts'
import { checkPolicyName } from './names.ts'

/** @throws ArrayFault no-svm | bad-name | name-too-long | export-policy-exists | bad-client-match | bad-value */
export function createExportPolicy(
  array: OntapArray,
  svm: string,
  name: string,
  rules: readonly NewExportRule[] = [],
): ExportPolicy {
  if (!array.svms.has(svm)) throw new ArrayFault('no-svm', { svm })
  checkPolicyName(name)
  checkNameIsFree(array, svm, name)
  const whole = rules.map((rule, index) => ({ ...DEFAULT_RULE, ...rule, index: index + 1 }))
  for (const rule of whole) checkRule(rule)
  const policy = { id: FIRST_ID + nextId(array, 'exportPolicy'), svm, name, rules: whole }
  array.exportPolicies.set(policy.id, policy)
  changed(array, 'exports')
  return policy
}

/** @throws ArrayFault no-export-policy | export-policy-default | export-policy-exists | bad-name */
export function renameExportPolicy(array: OntapArray, id: number, name: string): void {
  const policy = exportPolicyOf(array, id)
  if (policy.name === DEFAULT_POLICY) throw new ArrayFault('export-policy-default', { policy: policy.name })
  checkPolicyName(name)
  if (name !== policy.name) checkNameIsFree(array, policy.svm, name)
  array.exportPolicies.set(id, { ...policy, name })
  for (const volume of array.volumes.all()) {
    if (volume.svm === policy.svm && volume.exportPolicy === policy.name) {
      array.volumes.put({ ...volume, exportPolicy: name })
    }
  }
  changed(array, 'exports')
}

/** @throws ArrayFault no-export-policy | export-policy-default | export-policy-used */
export function deleteExportPolicy(array: OntapArray, id: number): void {
  const { name, svm } = exportPolicyOf(array, id)
  if (name === DEFAULT_POLICY) throw new ArrayFault('export-policy-default', { policy: name })
  const volumes = array.volumes.all().filter((volume) => volume.svm === svm && volume.type !== 'del')
  const used = volumes.find((volume) => {
    const qtrees = array.qtrees.get(volume.uuid) ?? []
    return volume.exportPolicy === name || qtrees.some(({ exportPolicy }) => exportPolicy === name)
  })
  if (used) throw new ArrayFault('export-policy-used', { policy: name, volume: used.name })
  array.exportPolicies.delete(id)
  changed(array, 'exports')
}

export interface NewExportRule extends Partial<Omit<ExportRule, 'clients'>> {
  readonly clients: readonly string[]
}

export interface RuleOptions {
  /** Whether a rule that is there already may be added again. */
  readonly acceptsDuplicates: boolean
}

/** Those behind a given index move up. @throws ArrayFault no-export-policy | bad-client-match | bad-value | export-rule-exists */
export function addExportRule(
  array: OntapArray,
  id: number,
  wanted: NewExportRule,
  { acceptsDuplicates }: RuleOptions,
): ExportRule {
  const policy = exportPolicyOf(array, id)
  const last = policy.rules.at(-1)?.index ?? 0
  const rule = { ...DEFAULT_RULE, ...wanted, index: wanted.index ?? last + 1 }
  checkRule(rule)
  if (!acceptsDuplicates && policy.rules.some((other) => same(other, rule))) {
    throw new ArrayFault('export-rule-exists', { policy: policy.name })
  }
  const taken = policy.rules.some(({ index }) => index === rule.index)
  const moved = policy.rules.map((other) =>
    taken && other.index >= rule.index ? { ...other, index: other.index + 1 } : other,
  )
  putRules(array, policy, [...moved, rule])
  return rule
}

/** @throws ArrayFault no-export-policy | no-export-rule | bad-client-match | bad-value */
export function changeExportRule(
  array: OntapArray,
  id: number,
  index: number,
  change: Partial<Omit<ExportRule, 'index'>>,
): ExportRule {
  const policy = exportPolicyOf(array, id)
  const rule = { ...exportRuleOf(policy, index), ...change }
  checkRule(rule)
  putRules(
    array,
    policy,
    policy.rules.map((other) => (other.index === index ? rule : other)),
  )
  return rule
}

/** @throws ArrayFault no-export-policy | no-export-rule */
export function deleteExportRule(array: OntapArray, id: number, index: number): void {
  const policy = exportPolicyOf(array, id)
  exportRuleOf(policy, index)
  putRules(
    array,
    policy,
    policy.rules.filter((rule) => rule.index !== index),
  )
}

/** @throws ArrayFault no-export-policy */
function exportPolicyOf(array: OntapArray, id: number): ExportPolicy {
  const policy = array.exportPolicies.get(id)
  if (policy) return policy
  throw new ArrayFault('no-export-policy', { policy: id, svm: '' })
}

/** @throws ArrayFault no-export-rule */
export function exportRuleOf(policy: ExportPolicy, index: number): ExportRule {
  const rule = policy.rules.find((rule) => rule.index === index)
  if (rule) return rule
  throw new ArrayFault('no-export-rule', { policy: policy.name, index })
}

/** Every SVM has it, and it cannot be removed. */
export const DEFAULT_POLICY = 'default'

/** The cluster's part of an ID. */
const FIRST_ID = 8_589_934_592

const DEFAULT_RULE = {
  protocols: ['any'],
  ro: ['any'],
  rw: ['any'],
  superuser: ['none'],
  anonymousUser: '65534',
}

function checkNameIsFree(array: OntapArray, svm: string, name: string): void {
  if (!exportPoliciesOf(array, svm).some((policy) => policy.name === name)) return
  throw new ArrayFault('export-policy-exists', { policy: name, svm: array.svms.get(svm)?.name ?? svm })
}

/** @throws ArrayFault missing-value | bad-client-match | bad-value */
function checkRule(rule: Omit<ExportRule, 'index'>): void {
  checkClients(rule.clients)
  const lists = { protocols: PROTOCOLS, ro: FLAVOURS, rw: FLAVOURS, superuser: FLAVOURS } as const
  for (const [field, known] of Object.entries(lists)) {
    const value = rule[field as keyof typeof lists].find((word) => !known.includes(word))
    if (value !== undefined) throw new ArrayFault('bad-value', { field, value })
  }
}

const PROTOCOLS: readonly string[] = ['any', 'nfs', 'nfs3', 'nfs4', 'cifs', 'flexcache']
const FLAVOURS: readonly string[] = ['any', 'none', 'never', 'sys', 'krb5', 'krb5i', 'krb5p', 'ntlm']

/** Addresses, networks, host names, `.domain` and `@netgroup`. @throws ArrayFault bad-client-match */
function checkClients(clients: readonly string[]): void {
  if (clients.length === 0) throw new ArrayFault('missing-value', { field: 'clients' })
  for (const match of clients) {
    const reason = wrongWith(match)
    if (reason !== undefined) throw new ArrayFault('bad-client-match', { match, reason })
  }
}

function wrongWith(match: string): 'syntax' | 'host-bits' | undefined {
  const [address = '', length] = match.split('/')
  if (length === undefined) return isIP(match) || /^[@.]?[\w.-]+$/.test(match) ? undefined : 'syntax'
  const bits = isIPv4(address) ? 32 : isIP(address) ? 128 : 0
  if (bits === 0 || !/^\d{1,3}$/.test(length) || Number(length) > bits) return isMask(length) ? undefined : 'syntax'
  return bits === 32 && hostBits(address, Number(length)) !== 0 ? 'host-bits' : undefined
}

/** `10.0.0.0/255.255.0.0` */
function isMask(text: string): boolean {
  return isIPv4(text)
}

function hostBits(address: string, length: number): number {
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return number % 2 ** (32 - length)
}

function same(a: ExportRule, b: ExportRule): boolean {
  const text = ({ index: _, ...rule }: ExportRule) =>
    JSON.stringify([rule.clients, rule.protocols, rule.ro, rule.rw, rule.superuser, rule.anonymousUser])
  return text(a) === text(b)
}

function putRules(array: OntapArray, policy: ExportPolicy, rules: readonly ExportRule[]): void {
  array.exportPolicies.set(policy.id, { ...policy, rules: [...rules].sort((a, b) => a.index - b.index) })
  changed(array, 'exports')
}
