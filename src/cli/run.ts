/** The daemon command: log, config, start, and what signals mean. */

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { InvalidConfig } from '../config/explain.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { chooseSource } from '../config/source.ts'
import { type DaemonLog, openLog } from '../daemon/logging.ts'
import { pathsOf } from '../daemon/paths.ts'
import { start } from '../daemon/start.ts'
import { drivers } from '../drivers/registry.ts'
import { PluginError, reasonOf } from '../errors.ts'
import { version } from '../version.ts'
import type { RunOptions } from './options.ts'

/** Runs until SIGTERM or SIGINT. @returns the exit code; why it is 1 has been logged */
export async function run(options: RunOptions): Promise<number> {
  // Read as the first of them is needed. A disk that does not answer holds one for as long, and four are soon gone.
  process.env['UV_THREADPOOL_SIZE'] ??= '16'
  // Files are made with their modes whatever umask we were started with; none is ever writable by others.
  process.umask(0o027)
  const loading = chooseSource(options.config, options.volumeDriver).then((source) =>
    loadConfig(source, drivers, process.env),
  )
  loading.catch(() => {}) // Told once there is a log.
  const paths = pathsOf(options.volumeDriver, options.root)
  const level = options.debug ? 'debug' : options.logLevel
  const log = await openLog({ file: paths.log, level, format: options.logFormat, console: true })
  try {
    log.info('Initialized logging.', {
      logLevel: level,
      logFileLocation: paths.log,
      driverVersion: version.text,
      driverBuild: version.build,
      buildTime: version.built,
    })
    return await serve(options, loading, log)
  } catch (error) {
    logFatal(log, error)
    return 1
  } finally {
    await log.close()
  }
}

async function serve(options: RunOptions, loading: Promise<LoadedConfig>, log: DaemonLog): Promise<number> {
  const { volumeDriver, port } = options
  const ending = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal).then(() => signal)))
  process.on(
    'SIGHUP',
    () => void log.reopen().catch((error) => log.error('Cannot reopen the log file.', { reason: reasonOf(error) })),
  )
  void nameProcess()

  const config = await loading
  warnAbout(config, log)
  log.info('Initializing storage driver', {
    version: version.text,
    mode: 'native',
    storageDriver: config.driverName,
    volumeDriver,
    port: port ?? '',
  })

  const paths = pathsOf(volumeDriver, options.root)
  const daemon = await start({ config, volumeDriver, paths, log, ...(port !== undefined && { port }) })
  log.info('Stopping.', { signal: await ending })
  await daemon.stop()
  log.info('Stopped. What is mounted stays mounted.')
  return 0
}

/** The kernel calls Node's main thread `MainThread`; ps and pgrep should find the plugin. */
function nameProcess(): Promise<void> {
  return writeFile('/proc/self/comm', 'netappdvp').catch(() => {})
}

function warnAbout(config: LoadedConfig, log: DaemonLog): void {
  for (const { message, remedy } of config.warnings) log.warn(message, remedy === undefined ? {} : { remedy })
}

/** nDVP's words, which scripts look for; one line a fault. */
function logFatal(log: DaemonLog, error: unknown): void {
  if (error instanceof InvalidConfig) {
    for (const { message } of error.findings) log.fatal('Problem validating configuration file.', { error: message })
    return
  }
  const code = error instanceof PluginError ? error.code : 'DEFECT'
  const said = {
    CONFIG_UNREADABLE: 'Problem reading configuration file.',
    CONFIG_INVALID: 'Problem validating configuration file.',
    DRIVER_UNKNOWN: 'Unknown storage driver in configuration file.',
  }
  const message = code in said ? said[code as keyof typeof said] : 'Cannot start.'
  const stack = code === 'DEFECT' && error instanceof Error ? { stack: error.stack } : {}
  log.fatal(message, { error: reasonOf(error), ...stack })
}
