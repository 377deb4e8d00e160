/** Export policies: who may mount. */

import type { Context } from '../../../context.ts'

export interface OntapExports {
  /** Undefined when the SVM has no such policy. */
  rules(ctx: Context, policy: string): Promise<readonly OntapExportRule[] | undefined>
  /** @throws BackendError ALREADY_EXISTS */
  createPolicy(ctx: Context, policy: string): Promise<void>
  /** Read and write, by any security, root as root. One that is there already is fine. @throws BackendError NOT_FOUND */
  addRule(ctx: Context, policy: string, clients: string): Promise<void>
}

export interface OntapExportRule {
  readonly index: number
  /** Addresses, networks, host names, `@netgroup`. */
  readonly clients: readonly string[]
  readonly protocols: readonly string[]
  readonly ro: readonly string[]
  readonly rw: readonly string[]
  readonly superuser: readonly string[]
}
