/** Making a volume. */

import type { Context } from '../../../context.ts'
import { unwaited } from '../../../context.ts'
import { BackendError, hasCode } from '../../../errors.ts'
import { sleep } from '../../../retry.ts'
import type { NewOntapVolume, OntapVolume } from '../ontap.ts'
import { atLeast } from '../releases.ts'
import type { Client } from './client.ts'
import { pollPauseMs, readBegun, waitUntilDone } from './jobs.ts'
import { findVolume } from './volume-find.ts'
import { modifyVolume } from './volume-modify.ts'
import { modeText } from './volume-rows.ts'
import type { Input } from './xml.ts'

export async function createVolume(client: Client, ctx: Context, volume: NewOntapVolume): Promise<OntapVolume> {
  ensureTaken(client, volume)
  try {
    await (volume.style === 'flexgroup' ? createFlexGroup(client, ctx, volume) : createFlexVol(client, ctx, volume))
  } catch (error) {
    throw hasCode(error, 'NOT_FOUND') ? new BackendError('REFUSED', error.message, { cause: error }) : error
  }
  const { name, style, snapshotDirectory } = volume
  // New volumes show it, and no call that makes one can say otherwise.
  if (!snapshotDirectory) await modifyVolume(client.brief, unwaited(ctx), { name, style }, { snapshotDirectory })
  return whenOnline(client.brief, unwaited(ctx), name)
}

/** Arrays refuse inputs that came with a later release, and do not say which one it was. */
function ensureTaken({ release, address }: Client, volume: NewOntapVolume): void {
  const { name, encryption, tieringPolicy, adaptiveQosPolicy, style } = volume
  const needs = (what: string, least: string, first = '') => {
    if (atLeast(release, least)) return
    throw new BackendError(
      'REFUSED',
      `${first}Cannot make volume "${name}" on ${address}: ${what} needs ONTAP ${least}, and the array runs ${release.text}. Leave it out, or update ONTAP.`,
    )
  }
  if (encryption) needs('encryption', '9.1', 'Encrypted volumes are not supported on this storage backend. ')
  if (tieringPolicy !== undefined && tieringPolicy !== 'none') needs('a tiering policy', '9.2')
  if (style === 'flexgroup') needs('a FlexGroup', '9.2')
  if (adaptiveQosPolicy !== undefined) needs('an adaptive QoS policy', '9.3')
}

async function createFlexVol(client: Client, ctx: Context, volume: NewOntapVolume): Promise<void> {
  const input: Input = {
    volume: volume.name,
    'containing-aggr-name': volume.aggregates[0],
    size: String(volume.size),
    ...inputsOfBoth(client, volume),
  }
  await client.run(ctx, { api: 'volume-create', input }, 'if-refused')
}

async function createFlexGroup(client: Client, ctx: Context, volume: NewOntapVolume): Promise<void> {
  const api = 'volume-create-async'
  const input: Input = {
    'volume-name': volume.name,
    'aggr-list': { 'aggr-name': volume.aggregates },
    'aggr-list-multiplier': volume.constituentsPerAggregate,
    size: volume.size,
    ...inputsOfBoth(client, volume),
  }
  const begun = await client.call(ctx, { api, input }, 'if-refused', readBegun)
  await waitUntilDone(client, ctx, api, begun, async (work) => {
    const found = await findVolume(client, work, volume.name)
    if (found && found.comment !== volume.comment) throw isAnothers(client, volume.name)
    return found?.state === 'online'
  })
}

/** Nobody said so: the job that would have cannot be seen. */
export function isAnothers({ address }: Client, name: string): BackendError {
  return new BackendError('ALREADY_EXISTS', `The array ${address} has a volume "${name}" that somebody else has made.`)
}

function inputsOfBoth({ release }: Client, volume: NewOntapVolume): Input {
  return {
    'space-reserve': volume.spaceGuarantee,
    'snapshot-policy': volume.snapshotPolicy,
    'percentage-snapshot-reserve': volume.snapshotReserve,
    'unix-permissions': modeText(volume.unixPermissions),
    'volume-security-style': volume.securityStyle,
    'export-policy': volume.exportPolicy,
    'junction-path': volume.junctionPath,
    'volume-comment': volume.comment === '' ? undefined : volume.comment,
    encrypt: atLeast(release, '9.1') ? volume.encryption : undefined,
    'tiering-policy': atLeast(release, '9.2') ? volume.tieringPolicy : undefined,
    'qos-policy-group-name': volume.qosPolicy,
    'qos-adaptive-policy-group-name': volume.adaptiveQosPolicy,
  }
}

/** The volume once it can be used, which as a rule is at once. */
export async function whenOnline(client: Client, ctx: Context, name: string): Promise<OntapVolume> {
  for (let attempt = 0; ; attempt++) {
    const volume = await findVolume(client, ctx, name)
    if (volume?.state === 'online') return volume
    if (attempt >= LOOKS) {
      throw new BackendError(
        'REFUSED',
        `The array ${client.address} did not make volume "${name}" as it said: it is ${volume?.state ?? 'not there'}. See the array's event log.`,
      )
    }
    await sleep(pollPauseMs(attempt), ctx.signal)
  }
}

/** About 30 seconds. */
const LOOKS = 14
