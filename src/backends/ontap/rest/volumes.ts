/** Volumes of an SVM, by REST. */

import type { Context } from '../../../context.ts'
import type { OntapRelease, OntapSvm, OntapVolumeRef, OntapVolumes } from '../ontap.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { beginningWith, exactly, type Query } from './query.ts'
import { ensureSeen } from './svm.ts'
import { changing } from './volume-bodies.ts'
import { patch, VOLUME, VOLUMES } from './volume-calls.ts'
import { restClones } from './volume-clones.ts'
import { restCreate } from './volume-create.ts'
import { hasSnapshotDirectory, readVolume, volumeFields } from './volume-fields.ts'
import { restSplit } from './volume-split.ts'

export function restVolumes(client: RestClient, svm: OntapSvm, release: OntapRelease): OntapVolumes {
  const fields = volumeFields(release)
  const list = (query: Query): Call => ({ method: 'GET', path: VOLUMES, query: { 'svm.uuid': svm.uuid, ...query } })

  const find: OntapVolumes['find'] = async (ctx, name) => {
    const found = await client.records(ctx, list({ name: exactly(name), fields }), readVolume)
    return found.find((volume) => volume.name === name)
  }

  const change: OntapVolumes['change'] = async (ctx, volume, { snapshotDirectory, ...rest }) => {
    const body = changing(rest)
    const inBody = snapshotDirectory !== undefined && hasSnapshotDirectory(release)
    const whole = inBody ? { ...body, snapshot_directory_access_enabled: snapshotDirectory } : body
    if (Object.keys(whole).length > 0) await client.change(ctx, patch(volume, whole), 'freely')
    if (snapshotDirectory === undefined || inBody) return
    await client.change(ctx, showing(svm, volume, snapshotDirectory), 'freely')
  }

  const remove: OntapVolumes['remove'] = (ctx, { uuid }, { purge, once }) => {
    const query = purge ? { force: true } : {}
    const call: Call = { method: 'DELETE', path: VOLUME, keys: { uuid }, query, job: 'awaited' }
    return client.remove(ctx, call, [], once ? 'once' : 'freely')
  }

  const seen = lately(SEEN_FOR_MS, (ctx) => ensureSeen(client, ctx, svm))

  return {
    find,
    change,
    remove,
    create: restCreate(client, svm, release, { find, change }),
    clone: restClones(client, svm, { find, change, remove }),
    split: restSplit(client),

    async withPrefix(ctx, prefix) {
      const call = list({ name: beginningWith(prefix), fields, max_records: PAGE })
      const all = await client.records(ctx, call, readVolume)
      if (all.length === 0) await seen(ctx)
      return all.filter(({ role }) => role === undefined)
    },

    clonesOf(ctx, { uuid }) {
      const call = list({ 'clone.parent_volume.uuid': uuid, 'clone.is_flexclone': true, max_records: PAGE })
      return client.records(ctx, call, (row) => row.text('name'))
    },
  }
}

/** Rows of a page. 2,000 are some 2 MB, and the array has them together in a few seconds. */
const PAGE = 2_000

/** By the command line, for releases whose REST cannot. */
function showing(svm: OntapSvm, { name }: OntapVolumeRef, shown: boolean): Call {
  const query = { vserver: svm.name, volume: name }
  return { method: 'PATCH', path: '/private/cli/volume', query, body: { 'snapdir-access': shown } }
}

/** How long an SVM that was seen counts as seen. */
const SEEN_FOR_MS = 10_000

/** Makes sure of something, unless it did so lately. */
function lately(forMs: number, ensure: (ctx: Context) => Promise<void>): (ctx: Context) => Promise<void> {
  let until = 0
  return async (ctx) => {
    if (performance.now() < until) return
    await ensure(ctx)
    until = performance.now() + forMs
  }
}
