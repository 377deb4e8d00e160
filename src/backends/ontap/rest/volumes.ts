/** Volumes of an SVM, by REST. */

import type { Context } from '../../../context.ts'
import { unwaited } from '../../../context.ts'
import { BackendError } from '../../../errors.ts'
import type { Fields } from '../../fields.ts'
import type { NewOntapClone, NewOntapVolume, OntapRelease, OntapSvm, OntapVolumeRef, OntapVolumes } from '../ontap.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { OntapFault } from './faults.ts'
import { VanishedJob } from './jobs.ts'
import { flagIn, part, textIn } from './maybe.ts'
import { beginningWith, exactly, type Query } from './query.ts'
import { changing, cloning, created, creation } from './volume-bodies.ts'
import { hasSnapshotDirectory, readVolume, volumeFields } from './volume-fields.ts'

const VOLUMES = '/storage/volumes'
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

  const remove: OntapVolumes['remove'] = (ctx, { uuid }, { purge }) =>
    client.remove(ctx, {
      method: 'DELETE',
      path: VOLUME,
      keys: { uuid },
      ...(purge && { query: { force: true } }),
      job: 'awaited',
    })

  /** Makes a volume. @returns its UUID */
  async function make(ctx: Context, name: string, body: object): Promise<string> {
    const call: Call = { method: 'POST', path: VOLUMES, query: { return_records: true }, body, job: 'awaited' }
    const shown = await client.change(ctx, call, 'if-refused').catch((error: unknown) => {
      if (error instanceof BackendError && error.cause instanceof VanishedJob) return undefined
      throw error
    })
    const uuid = textIn(shown, 'uuid') ?? (await find(unwaited(ctx), name))?.uuid
    if (uuid !== undefined) return uuid
    throw new BackendError(
      'REFUSED',
      `The array ${client.address} was to make volume "${name}", and then had none. See the event log of the cluster.`,
    )
  }

  return {
    find,
    change,
    remove,

    async create(ctx, volume: NewOntapVolume) {
      const made = created(volume, await make(ctx, volume.name, creation(svm, release, volume)))
      // Arrays show `.snapshot` unless told, which older ones cannot be as they make a volume.
      if (!volume.snapshotDirectory && !hasSnapshotDirectory(release)) {
        await change(unwaited(ctx), made, { snapshotDirectory: false })
      }
      return made
    },

    async clone(ctx, clone: NewOntapClone) {
      const made = { name: clone.name, uuid: await make(ctx, clone.name, cloning(svm, clone)) }
      const work = unwaited(ctx)
      try {
        await change(work, made, { comment: clone.comment })
      } catch (error) {
        await remove(work, made, { purge: true }).catch((reason) =>
          ctx.log.warn('A clone is left that has no comment.', { volume: made.name, error: reason }),
        )
        throw error
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
      return client.records(ctx, call, (row) => (isData(row) ? readVolume(row) : undefined))
    },

    clonesOf(ctx, { uuid }) {
      const call = list({ 'clone.parent_volume.uuid': uuid, 'clone.is_flexclone': true, max_records: PAGE })
      return client.records(ctx, call, (row) => row.text('name'))
    },
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

/** Neither the root of the SVM nor a copy that a mirror keeps. */
function isData(row: Fields): boolean {
  return flagIn(row, 'is_svm_root') !== true && (textIn(row, 'type') ?? 'rw') === 'rw'
}
