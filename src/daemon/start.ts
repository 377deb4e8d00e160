/** Wires one running plugin from one config, top to bottom. The only place that builds things. */

import type { LoadedConfig } from '../config/load.ts'
import { backgroundContext } from '../context.ts'
import { earlyServer } from '../docker/early-server.ts'
import { DurableFile } from '../durable-file.ts'
import { DeadlineError, reasonOf } from '../errors.ts'
import { linuxHost } from '../host/linux.ts'
import { runFor } from '../host/orphans.ts'
import type { Log } from '../log.ts'
import { sleep } from '../retry.ts'
import { version } from '../version.ts'
import { releaseLost } from '../volumes/release-lost.ts'
import { Gate } from '../volumes/state/gate.ts'
import { Known } from '../volumes/state/known.ts'
import { type Parts, volumesOf } from '../volumes/volumes.ts'
import { type Listening, listen } from './listen.ts'
import { openVolumes } from './open-volumes.ts'
import { ensurePrivateDirectory, type Paths } from './paths.ts'
import { settleMemory } from './settle-memory.ts'
import { lockInstance } from './single-instance.ts'
import { inheritedSocket, systemdNotifier } from './systemd.ts'

export interface StartSettings {
  readonly config: LoadedConfig
  /** The name Docker knows the driver by. */
  readonly volumeDriver: string
  readonly paths: Paths
  readonly log: Log
  readonly port?: number
}

export interface Daemon {
  /** Stops taking calls, lets what runs come to its end, and goes. Mounts stay: containers use them. */
  stop(): Promise<void>
}

/**
 * Listens, then opens the driver in the background. Resolves once it listens.
 *
 * @throws ConfigError ALREADY_RUNNING; HostError PATH_INVALID | STATE_UNWRITABLE
 */
export async function start(settings: StartSettings): Promise<Daemon> {
  const { config, volumeDriver, paths, log } = settings
  await ensurePrivateDirectory(paths.state)
  const unlock = await lockInstance(paths.state, volumeDriver, log)
  const early = earlyServer()
  const listening = await listen(early.http, { ...settings, ...inherited(process.env) })
  log.info('Listening.', { address: listening.address })

  const stopping = new AbortController()
  const background = backgroundContext('daemon', log, stopping.signal)
  const gate = new Gate()
  const known = await Known.open(new DurableFile(paths.known), log)
  const run = runFor(paths.state)
  const host = linuxHost({ owner: paths.state })
  const systemd = systemdNotifier(run, background, process.env)

  const { dockerServer } = await import('../docker/server.ts')
  const server = dockerServer({ gate, known, log, signal: stopping.signal })
  // Before that, what has waited would meet a fastify whose routes have no hooks yet, and end the process.
  await server.ready()
  early.answerWith((request, response) => server.routing(request, response))
  void systemd.notify('READY=1', 'STATUS=Listening; opening the driver.')
  systemd.startWatchdog()

  const onWaiting = (reason: string) => void systemd.notify(`STATUS=Waiting: ${reason}`)
  const opening = openVolumes({ ...settings, host, run, gate, known, signal: stopping.signal, onWaiting }).then(
    (parts) => {
      gate.open(volumesOf(parts))
      if (stopping.signal.aborted) return parts
      log.info('Initialized driver; plugin ready!', { storageDriver: config.driverName, volumeDriver })
      log.info(`Successfully initialized ${config.definition.label} Docker driver version ${version.text}`)
      void systemd.notify('STATUS=Ready.')
      return parts
    },
  )
  const housekeeping = opening.then((parts) => housekeep(parts, log, stopping.signal))
  housekeeping.catch(
    (error) => stopping.signal.aborted || log.error('Housekeeping ended.', { reason: reasonOf(error) }),
  )
  settleMemory()

  return {
    async stop() {
      await systemd.notify('STOPPING=1')
      systemd.stop()
      if (!gate.isOpen) gate.shut(new DeadlineError('The plugin is stopping. Try again when it runs.'))
      const parts = gate.isOpen ? await opening : undefined
      await closeInTime(listening, parts, log)
      stopping.abort(new DeadlineError('The plugin is stopping.'))
      const ending = Promise.allSettled([parts?.locks.idle(), housekeeping, known.saved()])
        .then(() => opening.catch(() => undefined))
        .then((opened) => opened?.driver.close())
      const ended = await within(ABORT_PATIENCE_MS, ending)
      if (!ended) log.warn('Something does not stop; the next start tidies up.', { running: parts?.locks.holders() })
      await server.close()
      unlock()
    },
  }
}

function inherited(env: NodeJS.ProcessEnv) {
  const inheritedFd = inheritedSocket(env)
  return inheritedFd === undefined ? {} : { inheritedFd }
}

/** Every so often, until the end. */
async function housekeep(parts: Parts, log: Log, signal: AbortSignal): Promise<void> {
  const ctx = backgroundContext('housekeeping', log, signal)
  for (;;) {
    await sleep(HOUSEKEEPING_MS, signal)
    await releaseLost(parts, ctx)
  }
}

const HOUSEKEEPING_MS = 15_000

/** What has not ended by then is told to stop; its intent is settled at the next start. */
async function closeInTime(listening: Listening, parts: Parts | undefined, log: Log): Promise<void> {
  const done = await within(
    STOP_PATIENCE_MS,
    listening.close().then(() => parts?.locks.idle()),
  )
  if (!done)
    log.warn('Not waiting longer for what runs; the next start tidies up.', { running: parts?.locks.holders() })
}

/** False when it takes longer. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Together well inside systemd's 90 s. */
const STOP_PATIENCE_MS = 20_000
const ABORT_PATIENCE_MS = 10_000
