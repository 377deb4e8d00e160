/** The daemon's log: one file and the console, no secrets in either. */

import winston from 'winston'
import type { Log, LogFields } from '../log.ts'
import { strike } from '../secret.ts'
import { type ConsoleStreams, LogConsole } from './log-console.ts'
import { LogFile } from './log-file.ts'
import { jsonLine, type Level, textLine } from './log-line.ts'

export interface LogSettings {
  /** Absent: no file. */
  readonly file?: string
  /** The least level that is said. */
  readonly level: Level
  readonly format: 'text' | 'json'
  readonly console: boolean
  /** Where the console's lines go; the process's own streams unless told. */
  readonly streams?: ConsoleStreams
}

export interface DaemonLog extends Log {
  /** For what ends the daemon at its start. */
  fatal(message: string, fields?: LogFields): void
  /** Opens the file anew: something else has moved it away. @throws HostError PATH_INVALID | STATE_UNWRITABLE */
  reopen(): Promise<void>
  /** Resolves when what was said is in the file, or after 2 s. */
  flush(): Promise<void>
  /** Flushes and closes. What is said afterwards goes to the console only. */
  close(): Promise<void>
}

/** Least important last, as winston counts. */
const LEVELS: Readonly<Record<Level, number>> = { fatal: 0, error: 1, warn: 2, info: 3, debug: 4 }
const FLUSH_LIMIT_MS = 2_000

/** @throws HostError PATH_INVALID | STATE_UNWRITABLE when there can be no log file */
export async function openLog(settings: LogSettings): Promise<DaemonLog> {
  const { level: least, format, streams = process } = settings
  const terminal = settings.console ? new LogConsole(streams, format) : undefined
  let file: LogFile | undefined

  const logger = winston.createLogger({
    levels: LEVELS,
    level: least,
    format: lineFormat(format),
    transports: [
      transport((level, line) => terminal?.write(level, line)),
      transport((_, line, consoleOnly) => consoleOnly || file?.write(line)),
    ],
  })
  const say = (level: Level, message: string, fields: LogFields = {}, consoleOnly = false) => {
    if (LEVELS[level] <= LEVELS[least]) logger.log({ level, message, time: new Date(), fields, consoleOnly })
  }

  if (settings.file !== undefined) {
    file = await LogFile.open(settings.file, {
      rotated: (fields) => say('info', 'Rotated log file.', { ...fields }),
      troubled: (message) => say('error', message, {}, true),
      recovered: (lost) => say('warn', 'The log file can be written again; lines are missing.', { lost }),
    })
  }

  const flush = () =>
    within(
      FLUSH_LIMIT_MS,
      nextTick().then(() => file?.flush()),
    )
  return {
    ...logAt(say, {}),
    fatal: (message, fields) => say('fatal', message, fields),
    reopen: async () => file?.reopen(),
    flush,
    async close() {
      await flush()
      const closed = file?.close()
      file = undefined
      await within(FLUSH_LIMIT_MS, closed)
      terminal?.close()
    },
  }
}

type Say = (level: Level, message: string, fields?: LogFields) => void

function logAt(say: Say, always: LogFields): Log {
  return {
    debug: (message, fields) => say('debug', message, { ...always, ...fields }),
    info: (message, fields) => say('info', message, { ...always, ...fields }),
    warn: (message, fields) => say('warn', message, { ...always, ...fields }),
    error: (message, fields) => say('error', message, { ...always, ...fields }),
    child: (fields) => logAt(say, { ...always, ...fields }),
  }
}

/** What `say` hands to winston. */
interface Info {
  level: Level
  message: string
  time: Date
  fields: LogFields
  consoleOnly: boolean
  [LINE]?: string
}

/** Where winston keeps a line that is ready. */
const LINE = Symbol.for('message')

/** The one door to both sinks: no line passes it unstruck. */
function lineFormat(format: LogSettings['format']): winston.Logform.Format {
  const line = format === 'json' ? jsonLine : textLine
  return winston.format((info) => Object.assign(info, { [LINE]: strike(line(info as unknown as Info)) }))()
}

/** winston's types do not know that its module has this class. */
const { Transport } = winston as unknown as {
  readonly Transport: new (options: { log(info: Info, next: () => void): void }) => winston.transport
}

function transport(write: (level: Level, line: string, consoleOnly: boolean) => void): winston.transport {
  return new Transport({
    log(info, next) {
      write(info.level, info[LINE] ?? '', info.consoleOnly)
      next()
    },
  })
}

/** winston may hand lines on a tick later than it was given them. */
function nextTick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A disk that hangs must not keep the daemon from ending. */
async function within(ms: number, work: Promise<unknown> | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  try {
    await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
