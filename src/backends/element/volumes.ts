/** Volumes of an Element cluster. */

import type { Context } from '../../context.ts'
import { unwaited } from '../../context.ts'
import { BackendError } from '../../errors.ts'
import { sleep } from '../../retry.ts'
import type { Fields } from '../fields.ts'
import type { Call, Client } from './client.ts'
import type { ElementVolume, ElementVolumes, NewElementClone, NewElementVolume, Qos } from './element.ts'
import { pollPauseMs, waitForJob } from './jobs.ts'
import { atLeast } from './versions.ts'

export function elementVolumes(client: Client): ElementVolumes {
  const lookup = atLeast(client.version, LIST_VOLUMES_SINCE) ? listVolumes(client) : listVolumesBefore8(client)

  /** The volume an answer shows; before API 8 some showed only its ID. */
  async function volumeOf(ctx: Context, { volume, id }: Answered): Promise<ElementVolume> {
    const found = volume ?? (await lookup.withIds(ctx, [id]))[0]
    if (found) return found
    throw new BackendError('NOT_FOUND', `The array changed volume ${id}, and then had no such volume.`)
  }

  return {
    ...lookup,

    async create(ctx, volume) {
      const call = { method: 'CreateVolume', params: creation(volume) }
      return volumeOf(ctx, await client.call(ctx, call, 'if-refused', answeredWithId))
    },

    async clone(ctx, clone) {
      const call = { method: 'CloneVolume', params: cloning(clone) }
      const { volumeId, asyncHandle } = await client.call(ctx, call, 'if-refused', readCloning, SOURCE_NOT_YET)
      // The array is at it, whether anybody waits or not.
      const work = unwaited(ctx)
      await waitForJob(client, work, asyncHandle, `CloneVolume of volume ${clone.sourceId}`)
      return waitUntilMade(work, lookup, volumeId, clone.name)
    },

    async rewrite(ctx, id, attributes) {
      await client.call(ctx, { method: 'ModifyVolume', params: { volumeID: id, attributes } }, 'once', () => {})
    },

    finished: async (ctx, volume) =>
      volume.status === 'active' ? volume : waitUntilMade(unwaited(ctx), lookup, volume.id, volume.name),

    async modify(ctx, id, { qos, size }) {
      const params = { volumeID: id, ...(qos && { qos }), ...(size !== undefined && { totalSize: size }) }
      const read = (result: Fields): Answered => ({ id, ...readVolumeIn(result) })
      return volumeOf(ctx, await client.call(ctx, { method: 'ModifyVolume', params }, 'freely', read))
    },

    remove: (ctx, id) => client.remove(ctx, { method: 'DeleteVolume', params: { volumeID: id } }),
    purge: (ctx, id) => client.remove(ctx, { method: 'PurgeDeletedVolume', params: { volumeID: id } }),
  }
}

const LIST_VOLUMES_SINCE = '8.0'

/** What arrays say of a source that was only just made; nDVP and Trident waited for these too. */
const SOURCE_NOT_YET = ['xInvalidParameter']

interface Answered {
  readonly id: number
  readonly volume?: ElementVolume
}

function creation({ name, accountId, size, enable512e, qos, attributes }: NewElementVolume) {
  return { name, accountID: accountId, totalSize: size, enable512e, ...(qos && { qos }), attributes }
}

function cloning({ sourceId, snapshotId, name, accountId, size, attributes }: NewElementClone) {
  return {
    volumeID: sourceId,
    name,
    ...(snapshotId !== undefined && { snapshotID: snapshotId }),
    ...(accountId !== undefined && { newAccountID: accountId }),
    ...(size !== undefined && { newSize: size }),
    attributes,
  }
}

function answeredWithId(result: Fields): Answered {
  return { id: result.count('volumeID'), ...readVolumeIn(result) }
}

function readVolumeIn(result: Fields): { readonly volume?: ElementVolume } {
  return result.has('volume') ? { volume: readVolume(result.fields('volume')) } : {}
}

function readCloning(result: Fields) {
  return { volumeId: result.count('volumeID'), asyncHandle: result.count('asyncHandle') }
}

/** The job may be over a moment before the volume is active. */
async function waitUntilMade(ctx: Context, lookup: Lookup, id: number, name: string): Promise<ElementVolume> {
  for (let attempt = 0; ; attempt++) {
    const [volume] = await lookup.withIds(ctx, [id])
    if (volume?.status === 'active') return volume
    if (volume?.status !== 'init') {
      throw new BackendError(
        'REFUSED',
        `The array did not make "${name}": the copy (volume ${id}) is ${volume?.status ?? 'gone'}. See the cluster's event log.`,
      )
    }
    await sleep(pollPauseMs(attempt), ctx.signal)
  }
}

type Lookup = Pick<ElementVolumes, 'named' | 'withIds' | 'ofAccount'>

/** API 8.0 and later. */
function listVolumes(client: Client): Lookup {
  const list = (ctx: Context, params: Call['params']) => rows(client, ctx, { method: 'ListVolumes', params })
  return {
    named: async (ctx, accountId, name) =>
      (await list(ctx, { accounts: [accountId], volumeName: name })).filter(
        (volume) => volume.name === name && isThere(volume),
      ),

    // Asked for no ID at all, the array would list every volume.
    withIds: async (ctx, ids) =>
      ids.length === 0 ? [] : (await list(ctx, { volumeIDs: ids })).filter(({ id }) => ids.includes(id)),

    async ofAccount(ctx, accountId) {
      const volumes: ElementVolume[] = []
      for (let startVolumeID = 0; ; ) {
        const page = await list(ctx, { accounts: [accountId], volumeStatus: 'active', startVolumeID, limit: PAGE })
        for (const volume of page) if (volume.accountId === accountId && isThere(volume)) volumes.push(volume)
        const last = page.at(-1)
        if (page.length < PAGE || !last) return volumes
        startVolumeID = last.id + 1
      }
    },
  }
}

/** As many as ListVolumes gives at most. */
const PAGE = 10_000

/** API 7: no list by name or by ID. ListActiveVolumes begins at the next volume there is, so the ID is compared. */
function listVolumesBefore8(client: Client): Lookup {
  const ofAccount: Lookup['ofAccount'] = async (ctx, accountID) =>
    (await rows(client, ctx, { method: 'ListVolumesForAccount', params: { accountID } })).filter(isThere)

  const active = async (ctx: Context, id: number) => {
    const call = { method: 'ListActiveVolumes', params: { startVolumeID: id, limit: 1 } }
    return (await rows(client, ctx, call)).filter((volume) => volume.id === id)
  }

  return {
    ofAccount,
    named: async (ctx, accountId, name) => (await ofAccount(ctx, accountId)).filter((volume) => volume.name === name),

    async withIds(ctx, ids) {
      const found = (await Promise.all(ids.map((id) => active(ctx, id)))).flat()
      const missing = ids.filter((id) => !found.some((volume) => volume.id === id))
      if (missing.length === 0) return found
      const deleted = await rows(client, ctx, { method: 'ListDeletedVolumes', params: {} })
      return [...found, ...deleted.filter(({ id }) => missing.includes(id))]
    },
  }
}

function rows(client: Client, ctx: Context, call: Call): Promise<readonly ElementVolume[]> {
  return client.list(ctx, call, 'volumes', readVolume)
}

function isThere({ status }: ElementVolume): boolean {
  return status !== 'deleted'
}

function readVolume(volume: Fields): ElementVolume {
  return {
    id: volume.count('volumeID'),
    name: volume.text('name'),
    accountId: volume.count('accountID'),
    size: volume.bytes('totalSize'),
    status: volume.text('status'),
    iqn: volume.matching('iqn', IQN, 'an IQN'),
    naa: volume.matching('scsiNAADeviceID', NAA, 'an NAA of 32 hex digits').toLowerCase(),
    enable512e: volume.flag('enable512e'),
    qos: readQos(volume.fields('qos')),
    attributes: volume.object('attributes'),
    accessGroups: volume.counts('volumeAccessGroups'),
    createdAt: volume.date('createTime'),
    access: volume.text('access'),
  }
}

const IQN = /^iqn\.\S+$/
const NAA = /^[0-9a-f]{32}$/i

function readQos(qos: Fields): Qos {
  return { minIOPS: qos.count('minIOPS'), maxIOPS: qos.count('maxIOPS'), burstIOPS: qos.count('burstIOPS') }
}
