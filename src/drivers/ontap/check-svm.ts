/** Whether a config will work with its SVM, as far as looking tells. */

import type { Ontap } from '../../backends/ontap/ontap.ts'
import { atLeast, numbersOf } from '../../backends/ontap/releases.ts'
import { callsFor } from '../../backends/ontap/rights.ts'
import { userOf } from '../../backends/ontap/user.ts'
import { backgroundContext, type Context } from '../../context.ts'
import { PluginError } from '../../errors.ts'
import { type Bytes, printSize } from '../../units.ts'
import type { ArrayCheck, ArrayFinding } from '../driver.ts'
import { credentialsOf } from './access.ts'
import { checkRole } from './check-role.ts'
import { dataLifOf } from './data-lif.ts'
import type { VolumeSettings } from './nas-settings.ts'
import { openSvm } from './open-ontap.ts'
import { Placement } from './placement.ts'
import { poolsOf } from './pools.ts'
import { doingsOf, type OntapNasDriver } from './rights.ts'

export async function checkSvm(
  driver: OntapNasDriver,
  settings: ArrayCheck<VolumeSettings>,
): Promise<readonly ArrayFinding[]> {
  const { config, log, signal } = settings
  const ctx = backgroundContext('check', log, signal)
  const opened = await attempt('array', () => openSvm(settings, { readOnly: true }))
  if (!('value' in opened)) return opened.findings
  const ontap = opened.value
  try {
    const user = await userOf(credentialsOf(config))
    const calls = callsFor(ontap.dialect, doingsOf(driver, settings), ontap.release)
    const parts = await Promise.all([
      found('aggregates', () => aggregates(ctx, ontap, config)),
      found('dataLIF', async () => `Hosts mount from ${await dataLifOf(ctx, ontap, config.dataLIF)}.`),
      checkRole(ctx, ontap, { user, calls, cluster: config.limitAggregateUsage !== undefined }),
    ])
    const answer: ArrayFinding = { level: 'ok', subject: 'array', message: answered(config, ontap) }
    return [answer, ...tooOld(driver, ontap), ...parts.flat()]
  } finally {
    await ontap.close()
  }
}

function answered({ managementLIF }: VolumeSettings, { dialect, release, svm }: Ontap): string {
  return `${managementLIF} answers by ${dialect === 'rest' ? 'REST' : 'ZAPI'}: ONTAP ${numbersOf(release)}, SVM ${svm.name}.`
}

/** It came with the calls that make them. */
const FLEXGROUPS_SINCE = '9.2'

function tooOld(driver: OntapNasDriver, { release }: Ontap): readonly ArrayFinding[] {
  if (driver !== 'ontap-nas-flexgroup' || atLeast(release, FLEXGROUPS_SINCE)) return []
  const message = `ontap-nas-flexgroup needs ONTAP ${FLEXGROUPS_SINCE}, and the array has ${numbersOf(release)}: it cannot make a volume. Use ontap-nas, or upgrade.`
  return [{ level: 'error', subject: 'array', message }]
}

async function aggregates(ctx: Context, ontap: Ontap, config: VolumeSettings): Promise<string> {
  const named = [...new Set(poolsOf(config, config.aggregate).flatMap((pool) => pool.aggregates))]
  await new Placement(ontap, config.limitAggregateUsage).check(ctx, named)
  const assigned = await ontap.aggregates.assigned(ctx)
  const usable = assigned.filter(({ name }) => named.length === 0 || named.includes(name))
  return `Volumes go to ${usable.map(({ name, available }) => `${name}${roomOf(available)}`).join(', ')}.`
}

function roomOf(available: Bytes | undefined): string {
  return available === undefined ? '' : ` (${printSize(available)} free)`
}

async function found(subject: string, look: () => Promise<string>): Promise<readonly ArrayFinding[]> {
  const looked = await attempt(subject, look)
  return 'value' in looked ? [{ level: 'ok', subject, message: looked.value }] : looked.findings
}

type Attempt<T> = { readonly value: T } | { readonly findings: readonly ArrayFinding[] }

/** Errors say themselves what to do. */
async function attempt<T>(subject: string, work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    if (!(error instanceof PluginError) || error.code === 'DEFECT') throw error
    return { findings: [{ level: 'error', subject, message: error.message }] }
  }
}
