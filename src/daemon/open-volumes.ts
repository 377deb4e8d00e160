/** From a checked config to working volumes, however long the array takes. */

import { backgroundContext } from '../context.ts'
import type { Driver, OptionValues } from '../drivers/driver.ts'
import { DurableFile } from '../durable-file.ts'
import { reasonOf } from '../errors.ts'
import type { Host } from '../host/host.ts'
import { backoffMs, sleep } from '../retry.ts'
import type { Run } from '../run.ts'
import { recover, thawAll } from '../volumes/recover.ts'
import type { Gate } from '../volumes/state/gate.ts'
import { Journal } from '../volumes/state/journal.ts'
import type { Known } from '../volumes/state/known.ts'
import { Locks } from '../volumes/state/locks.ts'
import { Mounts } from '../volumes/state/mounts.ts'
import { Reads } from '../volumes/state/reads.ts'
import type { Parts } from '../volumes/volumes.ts'
import { ensureDirectory } from './paths.ts'
import type { StartSettings } from './start.ts'

export interface OpenSettings extends Pick<StartSettings, 'config' | 'paths' | 'log'> {
  readonly host: Host
  readonly run: Run
  readonly gate: Gate
  readonly known: Known
  readonly signal: AbortSignal
  /** Told each time an attempt fails. */
  readonly onWaiting: (reason: string) => void
}

/**
 * Tries until it works, at growing intervals; why it does not is told to callers by the gate, and to the log whenever it
 * changes. Rejects only when `signal` is aborted.
 */
export async function openVolumes(settings: OpenSettings): Promise<Parts> {
  const { log, gate, signal, onWaiting } = settings
  let told: string | undefined
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await openOnce(settings)
    } catch (error) {
      signal.throwIfAborted()
      gate.explain(error)
      const reason = reasonOf(error)
      if (reason !== told) {
        log.error('Problem initializing storage driver; trying again until it works.', { error: reason })
        onWaiting(reason)
      }
      told = reason
      await sleep(backoffMs(attempt, MAX_PAUSE_MS), signal)
    }
  }
}

/** An array that has come back is noticed after this time at the latest. */
const MAX_PAUSE_MS = 10_000

/** Volumes may hold programs with special rights: no other user is to reach them past Docker. */
const MOUNT_ROOT_MODE = 0o710

async function openOnce(settings: OpenSettings): Promise<Parts> {
  const { paths, host } = settings
  const ctx = backgroundContext('recovery', settings.log, settings.signal)
  await host.endOrphans(ctx)
  const journal = await Journal.open(new DurableFile(paths.journal))
  await thawAll(host, journal, ctx)
  await ensureDirectory(paths.mountRoot, MOUNT_ROOT_MODE)
  const boot = await host.bootId()
  const { mounts, bygone } = await Mounts.open(new DurableFile(paths.mounts), boot)

  const driver = await openDriver(settings)
  try {
    const parts = partsOf(settings, { driver, journal, mounts })
    await recover(parts, ctx, bygone)
    return parts
  } catch (error) {
    await driver.close()
    throw error
  }
}

async function openDriver({ config, paths, log, run, signal }: OpenSettings): Promise<Driver<OptionValues>> {
  const { definition, prefix, deletePolicy } = config
  const own = { config: config.config as never, prefix, deletePolicy }
  const settings = { ...own, stateDirectory: paths.state, log, run, signal }
  return (await definition.open(settings)) as unknown as Driver<OptionValues>
}

function partsOf(
  { config, paths, host, known }: OpenSettings,
  opened: Pick<Parts, 'driver' | 'journal' | 'mounts'>,
): Parts {
  const { definition, driverName, prefix, deletePolicy, allowForeignDelete, defaults, limitVolumeSize } = config
  const limits = limitVolumeSize === undefined ? {} : { limitVolumeSize }
  const policy = { deletePolicy, allowForeignDelete }
  const settings = { driverName, prefix, ...policy, defaults, mountRoot: paths.mountRoot, ...limits }
  return { ...opened, definition, host, known, locks: new Locks(), reads: new Reads(), settings }
}
