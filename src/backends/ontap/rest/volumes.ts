/** Volumes of an SVM, by REST. */

import type { Context } from '../../../context.ts'
import { unwaited } from '../../../context.ts'
import type { NewOntapVolume, OntapRelease, OntapSvm, OntapVolume, OntapVolumeRef, OntapVolumes } from '../ontap.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { OntapFault } from './faults.ts'
import { flagIn, part } from './maybe.ts'
import { beginningWith, exactly, type Query } from './query.ts'
import { ensureSeen } from './svm.ts'
import { changing, created, creation } from './volume-bodies.ts'
import { restClones } from './volume-clones.ts'
import { hasSnapshotDirectory, readVolume, volumeFields } from './volume-fields.ts'
import { anothers, makeVolume, noneMade, VOLUMES } from './volume-making.ts'

const VOLUME = '/storage/volumes/{uuid}'

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

  const clone = restClones(client, svm, { find, change, remove })
  const seen = lately(SEEN_FOR_MS, (ctx) => ensureSeen(client, ctx, svm))

  return {
    find,
    change,
    remove,
    clone,

    async create(ctx, volume: NewOntapVolume) {
      const uuid = await makeVolume(client, ctx, creation(svm, release, volume))
      const made = uuid === undefined ? await foundMade(ctx, volume) : created(volume, uuid)
      // Arrays show `.snapshot` unless told, which older ones cannot be as they make a volume.
      if (!volume.snapshotDirectory && !hasSnapshotDirectory(release)) {
        await change(unwaited(ctx), made, { snapshotDirectory: false })
      }
      return made
    },

    async split(ctx, volume) {
      const call = patch(volume, { clone: { split_initiated: true } })
      try {
        await client.change(ctx, { ...call, query: { return_timeout: SPLIT_BEGINS_S }, job: 'begun' }, 'freely')
      } catch (error) {
        if (!(error instanceof OntapFault) || error.fault !== CANNOT_SPLIT) throw error
        if (await isAttached(ctx, volume)) throw error
      }
    },

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

  /** The volume that was made when the array does not tell which. Its comment is ours, and nobody else's is. */
  async function foundMade(ctx: Context, { name, comment }: NewOntapVolume): Promise<OntapVolume> {
    const found = await find(unwaited(ctx), name)
    if (found?.comment === comment) return found
    throw found === undefined ? noneMade(client.address, name) : anothers(client.address, name)
  }

  /** Whether it is a clone that nobody has begun to split. */
  function isAttached(ctx: Context, { uuid }: OntapVolumeRef): Promise<boolean> {
    const query = { fields: 'clone.is_flexclone,clone.split_initiated' }
    return client.object(ctx, { method: 'GET', path: VOLUME, keys: { uuid }, query }, (volume) => {
      const clone = part(volume, 'clone')
      return flagIn(clone, 'is_flexclone') === true && flagIn(clone, 'split_initiated') !== true
    })
  }
}

/** Rows of a page. 2,000 are some 2 MB, and the array has them together in a few seconds. */
const PAGE = 2_000

/** Time for the array to say what it has against it. */
const SPLIT_BEGINS_S = 5

/** It is no clone, or a split is under way. */
const CANNOT_SPLIT = '918248'

function patch({ uuid }: OntapVolumeRef, body: object): Call {
  return { method: 'PATCH', path: VOLUME, keys: { uuid }, body, job: 'awaited' }
}

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
