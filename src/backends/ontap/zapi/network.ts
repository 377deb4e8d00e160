/** Addresses of an SVM, and the load-sharing mirrors of its root volume, by ONTAPI. */

import type { Context } from '../../../context.ts'
import { unwaited } from '../../../context.ts'
import { hasCode } from '../../../errors.ts'
import { sleep } from '../../../retry.ts'
import type { OntapInterface, OntapNetwork } from '../ontap.ts'
import { atLeast } from '../releases.ts'
import type { Client } from './client.ts'
import type { XmlFields } from './fields.ts'
import { pollPauseMs } from './jobs.ts'
import { exactly } from './patterns.ts'

export function zapiNetwork(client: Client, rootVolume: string | undefined): OntapNetwork {
  const mirrors = new LoadSharing(client, rootVolume)
  return {
    async nfsInterfaces(ctx) {
      const services: Record<string, { 'lif-service-name': string }> = {}
      if (atLeast(client.release, '9.6')) services['service-names'] = { 'lif-service-name': '' }
      const listing = {
        api: 'net-interface-get-iter',
        row: 'net-interface-info',
        desired: {
          address: '',
          'administrative-status': '',
          'data-protocols': { 'data-protocol': '' },
          'interface-name': '',
          'operational-status': '',
          ...services,
        },
      }
      const rows = await client.list(ctx, listing, (row) => (servesNfs(row) ? [readInterface(row)] : []))
      return rows.flat()
    },

    updateLoadSharing: (ctx) => mirrors.update(ctx),
  }
}

function servesNfs(row: XmlFields): boolean {
  return (
    row.texts('data-protocols', 'data-protocol').includes('nfs') ||
    row.texts('service-names', 'lif-service-name').some((name) => /^data[-_]nfs$/.test(name))
  )
}

function readInterface(row: XmlFields): OntapInterface {
  const down = (name: string) => row.optionalText(name)?.toLowerCase() === 'down'
  return {
    name: row.text('interface-name'),
    address: row.text('address').replace(/^\[|\]$/g, ''),
    up: !down('operational-status') && !down('administrative-status'),
  }
}

/** New junctions are on the root volume; its mirrors, from which most addresses serve it, get them when updated. */
class LoadSharing {
  readonly #client: Client
  readonly #rootVolume: string | undefined
  /** Whether there are any, as looked up last. */
  #some: Promise<boolean> | undefined
  #lookedUpAt = 0

  constructor(client: Client, rootVolume: string | undefined) {
    this.#client = client
    this.#rootVolume = rootVolume
  }

  async update(ctx: Context): Promise<void> {
    if (this.#rootVolume === undefined) return
    const source = `${this.#client.svm}:${this.#rootVolume}`
    if (!(await this.#someLately(ctx, source))) return
    const call = { api: 'snapmirror-update-ls-set', input: { 'source-location': source } }
    await this.#client.run(ctx, call, 'freely', (fault) => BUSY_ALREADY.includes(fault.errno))
    await this.#settle(unwaited(ctx), source)
  }

  /** What failed is tried again the next time. */
  #someLately(ctx: Context, source: string): Promise<boolean> {
    if (this.#some && performance.now() - this.#lookedUpAt < KNOWN_FOR_MS) return this.#some
    this.#lookedUpAt = performance.now()
    this.#some = this.#find(ctx, source).catch((error: unknown) => {
      this.#some = undefined
      throw error
    })
    return this.#some
  }

  async #find(ctx: Context, source: string): Promise<boolean> {
    try {
      return (await this.#statesOf(ctx, source)).length > 0
    } catch (error) {
      // Whoever may not see them cannot update them either.
      if (hasCode(error, 'UNAUTHORIZED')) return false
      throw error
    }
  }

  async #settle(ctx: Context, source: string): Promise<void> {
    const until = performance.now() + MOST_MS
    for (let attempt = 0; performance.now() < until; attempt++) {
      if ((await this.#statesOf(ctx, source)).every((state) => state === 'idle')) return
      await sleep(pollPauseMs(attempt), ctx.signal)
    }
    ctx.log.warn(
      `The load-sharing mirrors of ${source} are not up to date after ${MOST_MS / 1000} s; a new volume may not be found on every address of the SVM yet.`,
    )
  }

  #statesOf(ctx: Context, source: string): Promise<readonly string[]> {
    const listing = {
      api: 'snapmirror-get-iter',
      row: 'snapmirror-info',
      query: { 'relationship-type': 'load_sharing', 'source-location': exactly(source) },
      desired: { 'relationship-status': '', 'relationship-type': '', 'source-location': '' },
    }
    return this.#client.list(ctx, listing, (row) => row.optionalText('relationship-status') ?? 'idle')
  }
}

/** Mirrors are set up, and rights granted, while the plugin runs. */
const KNOWN_FOR_MS = 10 * 60_000

/** Another update is under way. */
const BUSY_ALREADY = ['17131', '17137']

const MOST_MS = 30_000
