/** The address that hosts mount from. */

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Ontap, OntapInterface } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import { BackendError, reasonOf } from '../../errors.ts'
import type { ArrayName } from '../../names.ts'
import { parseDataLif } from './data-lif-setting.ts'

/** LIFs are moved, deleted and taken down while hosts go on. Nobody tells, so the array is asked when it looks like it. */
export class DataLif {
  readonly #ontap: Ontap
  readonly #wanted: string | undefined
  #address: string
  #lookedAt = performance.now()
  /** When each volume was last to be mounted. */
  readonly #published = new Map<ArrayName, number>()

  /** @throws as dataLifOf */
  static async open(ctx: Context, ontap: Ontap, wanted: string | undefined): Promise<DataLif> {
    return new DataLif(ontap, wanted, await dataLifOf(ctx, ontap, wanted))
  }

  private constructor(ontap: Ontap, wanted: string | undefined, address: string) {
    this.#ontap = ontap
    this.#wanted = wanted
    this.#address = address
  }

  get address(): string {
    return this.#address
  }

  /**
   * Where to mount a volume from. One that is to be mounted again so soon may have failed to be: then the array is asked
   * whether the address is still good, though not again and again for containers that restart.
   *
   * @throws as dataLifOf
   */
  async addressFor(ctx: Context, name: ArrayName): Promise<string> {
    const now = performance.now()
    const before = this.#published.get(name) ?? Number.NEGATIVE_INFINITY
    for (const [other, at] of this.#published) if (now - at > SOON_MS) this.#published.delete(other)
    this.#published.set(name, now)
    if (now - before <= SOON_MS && now - this.#lookedAt >= TRUSTED_MS) await this.#look(ctx, now)
    return this.#address
  }

  async #look(ctx: Context, now: number): Promise<void> {
    const address = await dataLifOf(ctx, this.#ontap, this.#wanted, this.#address)
    this.#lookedAt = now
    if (address === this.#address) return
    ctx.log.warn('Mounting from another address from now on.', { dataLIF: address, before: this.#address })
    this.#address = address
  }
}

/** Docker and people try again within minutes. */
const SOON_MS = 600_000
/** How long an address that was seen to be up counts as up. */
const TRUSTED_MS = 60_000

/**
 * @param wanted the setting `dataLIF`: a name or an address, IPv6 with or without brackets
 * @param usual to be preferred, if it is still up, where any would do
 * @returns what to mount from: IPv6 without brackets
 * @throws BackendError REFUSED when it is no NFS address of the SVM, or there is none
 */
export async function dataLifOf(
  ctx: Context,
  { network, svm }: Ontap,
  wanted: string | undefined,
  usual?: string,
): Promise<string> {
  const unsorted = await network.nfsInterfaces(ctx)
  const interfaces = unsorted.toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
  const up = interfaces.filter((found) => found.up)
  if (wanted === undefined) {
    const chosen = up.find(({ address }) => address === usual) ?? up[0]
    if (chosen) return chosen.address
    throw notFound(
      interfaces.length === 0
        ? `SVM ${svm.name} has no address that serves NFS. Give it a LIF with the service data_nfs`
        : `None is up of ${listed(interfaces)}. Bring one up, or see why they are down`,
    )
  }
  const place = parseDataLif(wanted)
  const addresses = isIP(place) ? [place] : await resolve(ctx, place)
  if (addresses.length === 0) return place
  const found = interfaces.find(({ address }) => addresses.some((one) => isSame(one, address)))
  if (!found) {
    throw notFound(
      `dataLIF ${wanted}${isIP(place) ? '' : ` (${addresses.join(', ')})`} is not an NFS address of SVM ${svm.name}, which has ${interfaces.length === 0 ? 'none' : listed(interfaces)}. Correct it, or leave it out`,
    )
  }
  if (!found.up) ctx.log.warn('The address to mount from is down on the array.', { dataLIF: wanted, lif: found.name })
  return place
}

/** Empty when the name leads nowhere yet: mounting will tell. */
async function resolve(ctx: Context, name: string): Promise<readonly string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address)
  } catch (error) {
    ctx.log.warn('Cannot find the address of dataLIF; it is used as it stands.', {
      dataLIF: name,
      reason: reasonOf(error),
    })
    return []
  }
}

/** IPv6 has many spellings. */
function isSame(one: string, other: string): boolean {
  return canonical(one) === canonical(other)
}

function canonical(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname : address
}

function listed(interfaces: readonly OntapInterface[]): string {
  return interfaces.map(({ address, name }) => `${address} (${name})`).join(', ')
}

/** nDVP's words first. */
function notFound(why: string): BackendError {
  return new BackendError('REFUSED', `Could not find NFS Data LIF. ${why}.`)
}
