/** What `docker volume rm` does to the volume on the array. */

import type { AnyDriverDefinition, DeletePolicy } from '../drivers/driver.ts'

/** What the driver can do on removal. Not removing needs nothing of it. */
export function policiesOf(definition: AnyDriverDefinition): readonly DeletePolicy[] {
  return [...new Set<DeletePolicy>([...definition.deletePolicies, 'retain'])]
}

/** The kindest way of deleting that the driver has. */
export function defaultPolicyOf(definition: AnyDriverDefinition): DeletePolicy {
  return definition.deletePolicies.includes('recoverable') ? 'recoverable' : 'purge'
}
