/** Quotas of qtrees, by REST. */

import type { Context } from '../../../context.ts'
import { BackendError, hasCode } from '../../../errors.ts'
import { sleep } from '../../../retry.ts'
import type { Bytes } from '../../../units.ts'
import type { Fields } from '../../fields.ts'
import type { OntapQtreeRef, OntapQuotas, OntapSvm, OntapTreeRule, OntapVolumeRef } from '../ontap.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { pollPauseMs } from './jobs.ts'
import { part, textIn, wordIn } from './maybe.ts'
import { beginningWith, exactly, type Query } from './query.ts'

const RULES = '/storage/quota/rules'
const RULE = '/storage/quota/rules/{uuid}'

/** Rows of a page. */
const PAGE = 5_000

/** An error that says no more than that the rule is stored and counts later: quotas are off, or being switched on. */
const MADE_ALL_THE_SAME = ['5308571']
/** Likewise, or that counting it at once has failed. */
const CHANGED_ALL_THE_SAME = ['5308567', '5308569', '5308571', '5308572']

/** The array counts all files first. */
const PATIENCE_MS = 15 * 60_000

export function restQuotas(client: RestClient, svm: OntapSvm, patienceMs = PATIENCE_MS): OntapQuotas {
  const list = (query: Query): Call => ({
    method: 'GET',
    path: RULES,
    query: { 'svm.uuid': svm.uuid, type: 'tree', ...query },
  })

  async function uuidOf(ctx: Context, { volume, name }: OntapQtreeRef): Promise<string | undefined> {
    const query = { 'volume.name': exactly(volume), 'qtree.name': exactly(name), fields: 'qtree.name' }
    const [uuid] = await client.records(ctx, list(query), (row) =>
      (textIn(part(row, 'qtree'), 'name') ?? '') === name ? row.text('uuid') : undefined,
    )
    return uuid
  }

  return {
    appliesAtOnce: true,

    async treeRules(ctx, volumePrefix, qtree) {
      const fields = 'volume.name,qtree.name,space.hard_limit'
      const named = qtree === undefined ? {} : { 'qtree.name': exactly(qtree) }
      const query = { 'volume.name': beginningWith(volumePrefix), ...named, fields, max_records: PAGE }
      const rules = await client.records(ctx, list(query), readRule)
      return qtree === undefined ? rules : rules.filter((rule) => rule.qtree === qtree)
    },

    async setTreeRule(ctx, { volume, qtree, hardLimit }) {
      const space = { hard_limit: hardLimit ?? NO_LIMIT }
      const body = { svm: { uuid: svm.uuid }, volume: { name: volume }, type: 'tree', qtree: { name: qtree }, space }
      try {
        await client.change(ctx, { method: 'POST', path: RULES, body, job: 'awaited' }, 'if-refused', MADE_ALL_THE_SAME)
      } catch (error) {
        // What the code is for a rule that is there, nobody says. One that was made and does not count yet (5308568) is
        // made to count by changing it.
        if (!hasCode(error, 'ALREADY_EXISTS', 'REFUSED', 'UNREACHABLE')) throw error
        const uuid = await uuidOf(ctx, { volume, name: qtree })
        if (uuid === undefined) throw error
        const call: Call = { method: 'PATCH', path: RULE, keys: { uuid }, body: { space }, job: 'awaited' }
        await client.change(ctx, call, 'freely', CHANGED_ALL_THE_SAME)
      }
    },

    async removeTreeRule(ctx, qtree) {
      const uuid = await uuidOf(ctx, qtree)
      if (uuid === undefined) return
      const call: Call = { method: 'DELETE', path: RULE, keys: { uuid }, job: 'awaited' }
      await client.remove(ctx, call, CHANGED_ALL_THE_SAME).catch((error: unknown) => {
        if (!hasCode(error, 'NOT_FOUND')) throw error
      })
    },

    async apply(ctx, volume) {
      const until = performance.now() + patienceMs
      let asked: { readonly refusal?: unknown } | undefined
      for (let attempt = 0; ; attempt++) {
        const state = await stateOf(client, ctx, volume)
        if (state === 'on') return
        if (ON_ITS_WAY.includes(state)) {
          if (performance.now() >= until) throw stuck(client.address, volume, state)
          await sleep(pollPauseMs(attempt), ctx.signal)
        } else if (asked) throw asked.refusal ?? stuck(client.address, volume, state)
        else asked = { refusal: await switchOn(client, ctx, volume) }
      }
    },
  }
}

/** What REST takes, and shows, for no limit. */
const NO_LIMIT = -1

function readRule(row: Fields): OntapTreeRule {
  const limit = Number(wordIn(part(row, 'space'), 'hard_limit') ?? NO_LIMIT)
  return {
    volume: row.fields('volume').text('name'),
    qtree: textIn(part(row, 'qtree'), 'name') ?? '',
    ...(limit >= 0 && { hardLimit: limit as Bytes }),
  }
}

const ON_ITS_WAY = ['initializing', 'resizing', 'mixed']

function stateOf(client: RestClient, ctx: Context, { uuid }: OntapVolumeRef): Promise<string> {
  const call: Call = {
    method: 'GET',
    path: '/storage/volumes/{uuid}',
    keys: { uuid },
    query: { fields: 'quota.state' },
  }
  return client.object(ctx, call, (volume) => textIn(part(volume, 'quota'), 'state') ?? 'off')
}

/** @returns why not, if not: another host may be at it */
async function switchOn(client: RestClient, ctx: Context, { uuid }: OntapVolumeRef): Promise<unknown> {
  const body = { quota: { enabled: true } }
  const call: Call = { method: 'PATCH', path: '/storage/volumes/{uuid}', keys: { uuid }, body, job: 'awaited' }
  try {
    await client.change(ctx, call, 'freely')
    return undefined
  } catch (error) {
    if (hasCode(error, 'REFUSED', 'BUSY')) return error
    throw error
  }
}

function stuck(address: string, { name }: OntapVolumeRef, state: string): BackendError {
  return new BackendError(
    'REFUSED',
    `The array ${address} did not switch quotas on for volume "${name}": their state is "${state}". See "volume quota show -volume ${name}".`,
  )
}
