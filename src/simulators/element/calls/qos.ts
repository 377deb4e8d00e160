/** Quality of service: the default, and policies. */

import { invalidParameter, missingParameter, noQosPolicy, tooMany } from '../faults.ts'
import type { Params } from '../params.ts'
import { DEFAULT_QOS, mergedQos } from '../qos.ts'
import { type ElementArray, nextId, type QosPolicy } from '../state.ts'
import { qosPolicyView, qosView, type View } from '../views.ts'

/**
 * GetDefaultQoS.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_getdefaultqos.html
 */
export function getDefaultQos(): View {
  return qosView(DEFAULT_QOS)
}

/** CreateQoSPolicy. */
export function createQosPolicy(array: ElementArray, params: Params): View {
  const { limits, qosPolicies } = array
  if (qosPolicies.size >= limits.qosPolicyCountMax) throw tooMany('QoS policies', limits.qosPolicyCountMax)
  const name = policyName(array, params.text('name'))
  const values = params.optionalObject('qos')
  if (!values) throw missingParameter('qos')
  const qos = mergedQos(array, DEFAULT_QOS, values)
  const policy = { qosPolicyID: nextId(array, 'qosPolicy'), name, qos }
  qosPolicies.set(policy.qosPolicyID, policy)
  return { qosPolicy: qosPolicyView(array, policy) }
}

/** GetQoSPolicy. */
export function getQosPolicy(array: ElementArray, params: Params): View {
  return { qosPolicy: qosPolicyView(array, policyById(array, params)) }
}

/** ListQoSPolicies. */
export function listQosPolicies(array: ElementArray): View {
  return { qosPolicies: [...array.qosPolicies.values()].map((policy) => qosPolicyView(array, policy)) }
}

/** ModifyQoSPolicy. Its volumes follow at once. */
export function modifyQosPolicy(array: ElementArray, params: Params): View {
  const old = policyById(array, params)
  const policy = {
    ...old,
    name: policyName(array, params.optionalText('name') ?? old.name),
    qos: mergedQos(array, old.qos, params.optionalObject('qos') ?? {}),
  }
  array.qosPolicies.set(policy.qosPolicyID, policy)
  for (const volume of array.volumes.all()) {
    if (volume.qosPolicyID === policy.qosPolicyID) array.volumes.put({ ...volume, qos: policy.qos })
  }
  return { qosPolicy: qosPolicyView(array, policy) }
}

/** DeleteQoSPolicy. Its volumes keep the values. */
export function deleteQosPolicy(array: ElementArray, params: Params): View {
  const { qosPolicyID } = policyById(array, params)
  array.qosPolicies.delete(qosPolicyID)
  for (const volume of array.volumes.all()) {
    if (volume.qosPolicyID === qosPolicyID) array.volumes.put({ ...volume, qosPolicyID: null })
  }
  return {}
}

function policyById({ qosPolicies }: ElementArray, params: Params): QosPolicy {
  const id = params.number('qosPolicyID')
  const policy = qosPolicies.get(id)
  if (!policy) throw noQosPolicy(id)
  return policy
}

function policyName({ limits }: ElementArray, name: string): string {
  const { qosPolicyNameLengthMax: most } = limits
  if (name.length >= 1 && name.length <= most) return name
  throw invalidParameter(`The name of a QoS policy must be 1 to ${most} characters.`)
}
