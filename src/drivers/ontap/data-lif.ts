/** The address that hosts mount from. */

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Ontap, OntapInterface } from '../../backends/ontap/ontap.ts'
import type { Context } from '../../context.ts'
import { BackendError, reasonOf } from '../../errors.ts'
import { parseDataLif } from './data-lif-setting.ts'

/**
 * @param wanted the setting `dataLIF`: a name or an address, IPv6 with or without brackets
 * @returns what to mount from: IPv6 without brackets
 * @throws BackendError REFUSED when it is no NFS address of the SVM, or there is none
 */
export async function dataLifOf(ctx: Context, { network, svm }: Ontap, wanted: string | undefined): Promise<string> {
  const interfaces = await network.nfsInterfaces(ctx)
  const up = interfaces.filter((found) => found.up)
  if (wanted === undefined) {
    const [first] = up.toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
    if (first) return first.address
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
