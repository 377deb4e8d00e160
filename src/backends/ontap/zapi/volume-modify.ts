/** Changing attributes of a volume: a call that says that it has passed when nothing has, object by object. */

import type { Context } from '../../../context.ts'
import { BackendError, hasCode } from '../../../errors.ts'
import type { OntapVolume, OntapVolumeChange, OntapVolumeRef } from '../ontap.ts'
import type { Client } from './client.ts'
import { hasExportPolicy } from './exports.ts'
import { faultOf } from './faults.ts'
import { known, type XmlFields } from './fields.ts'
import { type Begun, HALF_A_MINUTE, waitUntilDone } from './jobs.ts'
import { exactly } from './patterns.ts'
import { findVolume, noSuchVolume } from './volume-find.ts'
import { modeText, VOLUME } from './volume-rows.ts'
import type { Input } from './xml.ts'

/** With its UUID where a namesake is not to be changed. */
export type StyledVolume = Required<Pick<OntapVolumeRef, 'name' | 'style'>> & Partial<Pick<OntapVolumeRef, 'uuid'>>

/** What is changed by this call. Size and junction have calls of their own. */
type VolumeAttributes = Omit<OntapVolumeChange, 'size' | 'junctionPath'>

/** @throws BackendError NOT_FOUND (the volume) | REFUSED | FULL */
export async function modifyVolume(
  client: Client,
  ctx: Context,
  volume: StyledVolume,
  change: VolumeAttributes,
): Promise<void> {
  const { name, style, uuid } = volume
  const attributes = attributesOf(change)
  if (Object.keys(attributes).length === 0) return
  const api = style === 'flexgroup' ? 'volume-modify-iter-async' : 'volume-modify-iter'
  const input: Input = {
    query: { [VOLUME]: { 'volume-id-attributes': { 'instance-uuid': uuid, name: exactly(name) } } },
    attributes: { [VOLUME]: attributes },
    'return-failure-list': true,
    'return-success-list': style === 'flexgroup',
  }
  const outcome = await client.call(ctx, { api, input }, 'freely', (results) => readOutcome(results, api))
  const [failure] = outcome.failures
  if (failure) throw refusalOf(client, api, failure)
  if (outcome.succeeded === 0) throw noSuchVolume(client, name)
  const changed = async (work: Context) => {
    if (isChanged(await findVolume(client, work, name), change)) return true
    // A job that nobody sees does not say so.
    await ensurePolicy(client, work, volume, change)
    return false
  }
  for (const begun of outcome.begun) await waitUntilDone(client, ctx, api, begun, changed, HALF_A_MINUTE)
}

function attributesOf(change: VolumeAttributes): Input {
  const { comment, unixPermissions, exportPolicy, snapshotPolicy, snapshotDirectory, qosPolicy, adaptiveQosPolicy } =
    change
  const mode = unixPermissions === undefined ? undefined : modeText(unixPermissions)
  const groups = {
    'volume-id-attributes': known({ comment }),
    'volume-export-attributes': known({ policy: exportPolicy }),
    'volume-security-attributes':
      mode === undefined ? {} : { 'volume-security-unix-attributes': { permissions: mode } },
    'volume-snapshot-attributes': known({
      'snapdir-access-enabled': snapshotDirectory,
      'snapshot-policy': snapshotPolicy,
    }),
    'volume-qos-attributes': known({ 'policy-group-name': qosPolicy, 'adaptive-policy-group-name': adaptiveQosPolicy }),
  }
  return Object.fromEntries(Object.entries(groups).filter(([, group]) => Object.keys(group).length > 0))
}

function isChanged(volume: OntapVolume | undefined, { adaptiveQosPolicy, ...change }: VolumeAttributes): boolean {
  const expected = known({ ...change, qosPolicy: adaptiveQosPolicy ?? change.qosPolicy })
  return Object.entries(expected).every(([name, value]) => volume?.[name as keyof typeof expected] === value)
}

/** @throws BackendError REFUSED where the SVM has no such export policy */
async function ensurePolicy(
  client: Client,
  ctx: Context,
  { name }: StyledVolume,
  { exportPolicy }: VolumeAttributes,
): Promise<void> {
  if (exportPolicy === undefined) return
  try {
    if (await hasExportPolicy(client, ctx, exportPolicy)) return
  } catch (error) {
    if (hasCode(error, 'UNAUTHORIZED')) return
    throw error
  }
  throw new BackendError(
    'REFUSED',
    `The array ${client.address} did not change volume "${name}": SVM "${client.svm}" has no export policy "${exportPolicy}". Make it, or name another.`,
  )
}

interface Failure {
  readonly errno: string
  readonly reason: string
}

interface Outcome {
  readonly succeeded: number
  readonly failures: readonly Failure[]
  readonly begun: readonly Begun[]
}

function readOutcome(results: XmlFields, api: string): Outcome {
  const info = `${api}-info`
  const failures = results.list('failure-list', info).map((row) => ({
    errno: row.optionalText('error-code') ?? '',
    reason: row.optionalText('error-message') ?? '',
  }))
  // Some releases count failures without listing them.
  const failed = results.optionalCount('num-failed') ?? 0
  const begun = results.list('success-list', info).map((row): Begun => {
    const jobId = row.optionalCount('jobid')
    return {
      status: row.optionalText('status') ?? 'succeeded',
      ...(jobId !== undefined && { jobId }),
      errno: row.optionalText('error-code') ?? '',
      reason: row.optionalText('error-message') ?? '',
    }
  })
  return {
    succeeded: results.optionalCount('num-succeeded') ?? 0,
    failures: failures.length === 0 && failed > 0 ? [{ errno: '', reason: 'it does not say why' }] : failures,
    begun,
  }
}

/** Something named in the attributes may be missing; that the volume is, has no failure. */
function refusalOf({ address }: Client, api: string, failure: Failure): BackendError {
  const fault = faultOf({ api, address, ...failure })
  return fault.code === 'NOT_FOUND' ? new BackendError('REFUSED', fault.message, { cause: fault }) : fault
}
