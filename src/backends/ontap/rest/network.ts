/** Addresses of an SVM, and the mirrors of its root volume, by REST. */

import type { Context } from '../../../context.ts'
import { hasCode } from '../../../errors.ts'
import { sleep } from '../../../retry.ts'
import type { Fields } from '../../fields.ts'
import type { OntapInterface, OntapNetwork, OntapSvm } from '../ontap.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { pollPauseMs } from './jobs.ts'
import { textIn } from './maybe.ts'

export function restNetwork(client: RestClient, svm: OntapSvm): OntapNetwork {
  return {
    nfsInterfaces(ctx) {
      const query = { 'svm.uuid': svm.uuid, services: 'data_nfs', fields: 'ip.address,state' }
      return client.records(ctx, { method: 'GET', path: '/network/ip/interfaces', query }, readInterface)
    },
    updateLoadSharing: loadSharing(client, svm),
  }
}

function readInterface(row: Fields): OntapInterface {
  return {
    name: row.text('name'),
    address: row.fields('ip').text('address'),
    up: textIn(row, 'state') === 'up',
  }
}

/** REST itself does not know of load-sharing mirrors; the command line does, where the role has it. */
function loadSharing(client: RestClient, svm: OntapSvm): OntapNetwork['updateLoadSharing'] {
  let noneUntil = 0
  return async (ctx) => {
    if (performance.now() < noneUntil) return
    const [mirror] = await mirrorsOf(client, ctx, svm)
    if (mirror === undefined) {
      noneUntil = performance.now() + NONE_FOR_MS
      return
    }
    const body = { 'source-path': mirror.source }
    await client.change(
      ctx,
      { method: 'POST', path: '/private/cli/snapmirror/update-ls-set', body, job: 'awaited' },
      'freely',
    )
    await untilIdle(client, ctx, svm)
  }
}

/** Mirrors are set up, and rights granted, while the plugin runs. */
const NONE_FOR_MS = 10 * 60_000

interface Mirror {
  /** `svm1:svm1_root` */
  readonly source: string
  readonly idle: boolean
}

async function mirrorsOf(client: RestClient, ctx: Context, svm: OntapSvm): Promise<readonly Mirror[]> {
  const query = { 'source-path': `${svm.name}:*`, type: 'LS', fields: 'source-path,status' }
  const call: Call = { method: 'GET', path: '/private/cli/snapmirror', query }
  try {
    return await client.records(ctx, call, readMirror)
  } catch (error) {
    if (!hasCode(error, 'UNAUTHORIZED', 'NOT_FOUND', 'TOO_OLD')) throw error
    ctx.log.debug('Load-sharing mirrors cannot be seen.', { svm: svm.name, error })
    return []
  }
}

/** Asked for with hyphens, answered with underscores. */
function readMirror(row: Fields): Mirror {
  const text = (name: string) => textIn(row, name) ?? textIn(row, name.replace('_', '-'))
  return {
    source: text('source_path') ?? row.text('source_path'),
    idle: (text('status') ?? '').toLowerCase() === 'idle',
  }
}

const UPDATE_MS = 30_000

/** New junctions show a little later when it takes longer: no reason to fail. */
async function untilIdle(client: RestClient, ctx: Context, svm: OntapSvm): Promise<void> {
  const until = performance.now() + UPDATE_MS
  for (let attempt = 0; performance.now() < until; attempt++) {
    const mirrors = await mirrorsOf(client, ctx, svm)
    if (mirrors.every(({ idle }) => idle)) return
    await sleep(pollPauseMs(attempt), ctx.signal)
  }
  ctx.log.warn('The load-sharing mirrors are still being updated; new volumes show on them later.', { svm: svm.name })
}
