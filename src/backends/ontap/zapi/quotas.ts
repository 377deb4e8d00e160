/**
 * Quotas of qtrees by ONTAPI, which counts in KiB. Rules lie idle until quotas are switched on or resized. An SVM may have
 * several policies with rules of the same qtrees: only the one it is assigned counts, which is also the one that rules
 * are set and deleted in.
 */

import type { Context } from '../../../context.ts'
import { BackendError, hasCode } from '../../../errors.ts'
import { sleep } from '../../../retry.ts'
import { type Bytes, KIB } from '../../../units.ts'
import type { OntapQtreeRef, OntapQuotas, OntapTreeRule } from '../ontap.ts'
import type { Client } from './client.ts'
import { known, type XmlFields } from './fields.ts'
import { type Begun, pollPauseMs, readBegun, waitUntilDone } from './jobs.ts'
import { beginningWith, endingWith, exactly } from './patterns.ts'
import { pathOf } from './qtrees.ts'
import type { Input } from './xml.ts'

export function zapiQuotas(client: Client): OntapQuotas {
  return {
    appliesAtOnce: false,

    async treeRules(ctx, volumePrefix, qtree) {
      const query = {
        'quota-type': 'tree',
        ...(volumePrefix !== '' && { volume: beginningWith(volumePrefix) }),
        ...(qtree !== undefined && { 'quota-target': endingWith(qtree) }),
      }
      const listing = { api: 'quota-list-entries-iter', row: 'quota-entry', query, desired: WANTED }
      const rows = (await client.list(ctx, listing, readRow)).filter((row) => row !== undefined)
      const isOne = new Set(rows.map(({ policy }) => policy)).size <= 1
      const policy = isOne ? undefined : await activePolicy(client, ctx)
      return rows
        .filter((row) => policy === undefined || row.policy === policy)
        .map(({ rule }) => rule)
        .filter((rule) => rule.volume.startsWith(volumePrefix) && (qtree === undefined || rule.qtree === qtree))
    },

    async setTreeRule(ctx, { volume, qtree, hardLimit }) {
      const limit = hardLimit === undefined ? NO_LIMIT : String(Math.ceil(hardLimit / KIB))
      const input = { ...ruleOf({ volume, name: qtree }), 'disk-limit': limit }
      await client.run(ctx, { api: 'quota-set-entry', input }, 'freely')
    },

    async removeTreeRule(ctx, qtree) {
      const call = { api: 'quota-delete-entry', input: ruleOf(qtree) }
      await client.run(ctx, call, 'freely', (fault) => hasCode(fault, 'NOT_FOUND'))
    },

    apply: (ctx, { name }) => apply(client, ctx, name),
  }
}

const NO_LIMIT = '-'

const WANTED = { 'disk-limit': '', policy: '', qtree: '', 'quota-target': '', 'quota-type': '', volume: '' }

/** What names a rule: its target is the path of the qtree, or nothing for all those without a rule of their own. */
function ruleOf(qtree: OntapQtreeRef): Input {
  return {
    volume: qtree.volume,
    qtree: '',
    'quota-target': qtree.name === '' ? '' : pathOf(qtree),
    'quota-type': 'tree',
  }
}

interface Row {
  readonly policy: string | undefined
  readonly rule: OntapTreeRule
}

function readRow(row: XmlFields): Row | undefined {
  if ((row.optionalText('quota-type') ?? 'tree') !== 'tree') return undefined
  const volume = row.text('volume')
  const kib = row.optionalText('disk-limit')
  const limit = kib !== undefined && /^\d+$/.test(kib) ? ((Number(kib) * KIB) as Bytes) : undefined
  const rule = { volume, qtree: qtreeIn(row, volume), ...known({ hardLimit: limit }) }
  return { policy: row.optionalText('policy'), rule }
}

/** Some releases name the qtree besides, or instead of, its path. `*` is all. */
function qtreeIn(row: XmlFields, volume: string): string {
  const target = row.optionalText('quota-target') ?? row.optionalText('qtree') ?? ''
  const path = pathOf({ volume, name: '' })
  const name = target.startsWith(path) ? target.slice(path.length) : target
  return name === '*' ? '' : name
}

/** Which of its policies the SVM is assigned. No rule says so, and another may be at any time. */
async function activePolicy(client: Client, ctx: Context): Promise<string | undefined> {
  const listing = {
    api: 'vserver-get-iter',
    row: 'vserver-info',
    query: { 'vserver-name': exactly(client.svm) },
    desired: { 'quota-policy': '', 'vserver-name': '' },
  }
  const svms = await client.list(ctx, listing, (row) => ({
    name: row.text('vserver-name'),
    policy: row.optionalText('quota-policy'),
  }))
  return svms.find(({ name }) => name === client.svm)?.policy
}

/** An array has its quotas on, mostly: so it is asked to take up the rules first. */
async function apply(client: Client, ctx: Context, volume: string): Promise<void> {
  const status = await settledStatus(client, ctx, volume)
  const api = status === 'on' ? 'quota-resize' : 'quota-on'
  const begun: Begun = await client.call(ctx, { api, input: { volume } }, 'freely', readBegun)
  await waitUntilDone(client, ctx, api, begun, async (work) => (await statusOf(client, work, volume)) === 'on')
  const end = await settledStatus(client, ctx, volume)
  if (end === 'on') return
  throw new BackendError(
    'REFUSED',
    `The array ${client.address} did not switch on the quotas of volume "${volume}": they are ${end}. See "volume quota show" on the array.`,
  )
}

/** Once nothing is under way. */
async function settledStatus(client: Client, ctx: Context, volume: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const status = await statusOf(client, ctx, volume)
    if (!UNDER_WAY.includes(status) || attempt >= LOOKS) return status
    await sleep(pollPauseMs(attempt), ctx.signal)
  }
}

const UNDER_WAY = ['initializing', 'resizing', 'purging', 'upgrading']

/** About ten minutes: the array counts all files first. */
const LOOKS = 160

function statusOf(client: Client, ctx: Context, volume: string): Promise<string> {
  return client.call(ctx, { api: 'quota-status', input: { volume } }, 'freely', (results) => results.text('status'))
}
