/** Removing a FlexGroup: unmounted, taken offline and destroyed by a job, in calls of their own. */

import type { Context } from '../../../context.ts'
import { unwaited } from '../../../context.ts'
import { BackendError, hasCode, reasonOf } from '../../../errors.ts'
import type { OntapVolume } from '../ontap.ts'
import type { Call } from './ask.ts'
import type { Client, Removal } from './client.ts'
import { ENOTMOUNTED, EVOLUMEOFFLINE, hasErrno } from './faults.ts'
import { readBegun, waitUntilDone } from './jobs.ts'
import { exactly } from './patterns.ts'
import { mountVolume } from './volume-change.ts'
import { findVolume, noSuchVolume } from './volume-find.ts'
import type { Doomed } from './volume-remove.ts'
import { VOLUME } from './volume-rows.ts'

export async function destroyFlexGroup(client: Client, ctx: Context, doomed: Doomed, once: boolean): Promise<void> {
  const { name, uuid } = doomed
  const before = await findVolume(client, ctx, name)
  if (!before || (uuid !== '' && before.uuid !== uuid)) throw noSuchVolume(client, name)
  await ensureWithoutClones(client, ctx, name)
  try {
    await takeAway(client, ctx, before, once)
  } catch (error) {
    // It may be going yet, or is gone.
    if (hasCode(error, 'UNREACHABLE', 'NOT_FOUND') || !(error instanceof BackendError)) throw error
    throw new BackendError(error.code, `${error.message} ${await putBack(client.brief, unwaited(ctx), before)}`, {
      cause: error,
    })
  }
}

/**
 * That a FlexGroup has clones would show only once it is offline; and where jobs cannot be seen, not at all. Those in the
 * recovery queue count.
 */
async function ensureWithoutClones(client: Client, ctx: Context, name: string): Promise<void> {
  const attributes = 'volume-clone-attributes'
  const parent = 'volume-clone-parent-attributes'
  const listing = {
    api: 'volume-get-iter',
    row: VOLUME,
    query: { [attributes]: { [parent]: { name: exactly(name) } } },
    desired: { [attributes]: { [parent]: { name: '' } }, 'volume-id-attributes': { name: '' } },
  }
  const rows = await client.list(ctx, listing, (row) => ({
    parent: row.fields(attributes).fields(parent).optionalText('name'),
    clone: row.fields('volume-id-attributes').text('name'),
  }))
  const clones = rows.filter((row) => row.parent === name).map(({ clone }) => clone)
  if (clones.length === 0) return
  throw new BackendError(
    'HAS_DEPENDENTS',
    `The array ${client.address} keeps volume "${name}", as it has clones: ${clones.join(', ')}. Remove or split them first.`,
  )
}

async function takeAway(client: Client, ctx: Context, { name, uuid }: OntapVolume, once: boolean): Promise<void> {
  const isThere = async (work: Context) => (await findVolume(client, work, name))?.uuid === uuid
  const step = <T>(call: Call, read: Removal<T>['read']) =>
    client.remove(ctx, { call, read, once, isThere: () => isThere(ctx) })

  const unmount = { api: 'volume-unmount', input: { 'volume-name': name } }
  if (!(await fine(step(unmount, done), ENOTMOUNTED))) return
  if (!(await fine(step({ api: 'volume-offline', input: { name } }, done), EVOLUMEOFFLINE))) return
  const api = 'volume-destroy-async'
  const begun = await step({ api, input: { 'volume-name': name } }, readBegun)
  if (begun) await waitUntilDone(client, ctx, api, begun, async (work) => !(await isThere(work)))
}

const done = () => true

/** @returns undefined when the volume is gone */
async function fine(step: Promise<boolean | undefined>, errno: string): Promise<boolean | undefined> {
  try {
    return await step
  } catch (error) {
    if (hasErrno(error, errno)) return true
    throw error
  }
}

/** @returns what has become of it, for whoever is told that it could not be removed */
async function putBack(client: Client, ctx: Context, { name, uuid, junctionPath }: OntapVolume): Promise<string> {
  try {
    const now = await findVolume(client, ctx, name)
    if (now?.uuid !== uuid) return 'It is gone by now.'
    if (now.state !== 'online') await client.run(ctx, { api: 'volume-online', input: { name } }, 'freely')
    if (junctionPath !== undefined && now.junctionPath !== junctionPath) {
      await mountVolume(client, ctx, name, junctionPath)
    }
    return `It is online${junctionPath === undefined ? '' : ` at ${junctionPath}`} again.`
  } catch (error) {
    return `It may be offline or unmounted now, which could not be undone: ${reasonOf(error)}`
  }
}
