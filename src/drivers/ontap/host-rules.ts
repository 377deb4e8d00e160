/** With `autoExportPolicy`: one export policy an instance, with a rule for each host that mounts. */

import { isIP } from 'node:net'
import type { Ontap, OntapExportRule } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import { BackendError, hasCode } from '../../errors.ts'
import type { HostIdentity } from '../../publication.ts'
import { ANY_NETWORK } from './nas-settings.ts'
import { isWithin } from './networks.ts'

/** How long what was seen is trusted to be there. */
const TRUSTED_MS = 60_000

export class HostRules {
  readonly policy: string
  readonly #ontap: Ontap
  readonly #networks: readonly string[]
  /** Addresses with when their rule was last seen. */
  readonly #seen = new Map<string, number>()
  #policySeenAt = Number.NEGATIVE_INFINITY

  /** @param networks CIDRs that a host's addresses must be in to get a rule; none given: any */
  constructor(ontap: Ontap, policy: string, networks: readonly string[] = []) {
    this.#ontap = ontap
    this.policy = policy
    this.#networks = networks.length > 0 ? networks : ANY_NETWORK
  }

  /** Sees to it that there is such a policy: volumes are made with it. */
  async ensurePolicy(ctx: Context): Promise<void> {
    if (performance.now() - this.#policySeenAt > TRUSTED_MS) await this.#rules(ctx)
  }

  /** @throws BackendError REFUSED for a host without an address in the networks */
  async admit(ctx: Context, { name, addresses = [] }: HostIdentity): Promise<void> {
    const wanted = addresses.filter(
      (address) => isIP(address) !== 0 && this.#networks.some((net) => isWithin(address, net)),
    )
    if (wanted.length === 0) {
      throw new BackendError(
        'REFUSED',
        `Cannot let host "${name}" mount: none of its addresses (${addresses.join(', ') || 'none'}) is in autoExportCIDRs (${this.#networks.join(', ')}). Widen that, or keep the export policy yourself and set "autoExportPolicy": false.`,
      )
    }
    const now = performance.now()
    if (wanted.every((address) => now - (this.#seen.get(address) ?? Number.NEGATIVE_INFINITY) < TRUSTED_MS)) return
    const present = new Set((await this.#rules(ctx)).flatMap(({ clients }) => clients))
    for (const address of wanted) {
      if (!present.has(address)) await this.#add(ctx, address)
      this.#seen.set(address, now)
    }
  }

  /** Makes the policy if there is none, or none any more. */
  async #rules(ctx: Context): Promise<readonly OntapExportRule[]> {
    const rules = await this.#ontap.exports.rules(ctx, this.policy)
    if (rules === undefined) {
      await this.#ontap.exports.createPolicy(ctx, this.policy).catch((error) => {
        if (!hasCode(error, 'ALREADY_EXISTS')) throw error
      })
    }
    this.#policySeenAt = performance.now()
    return rules ?? []
  }

  async #add(ctx: Context, address: string): Promise<void> {
    try {
      await this.#ontap.exports.addRule(ctx, this.policy, address)
    } catch (error) {
      // Of the volume nothing was said.
      if (!hasCode(error, 'NOT_FOUND')) throw error
      throw new BackendError('BUSY', `Export policy "${this.policy}" was deleted just now. Try again.`, {
        cause: error,
      })
    }
    ctx.log.info('Let a host in.', { exportPolicy: this.policy, address })
  }
}
