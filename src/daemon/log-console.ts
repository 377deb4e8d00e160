/** Log lines on standard output and error. */

import type { Writable } from 'node:stream'
import type { Level } from './log-line.ts'

export interface ConsoleStreams {
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
}

/** nDVP's; journald would cut at 48 KiB, and say so less clearly. */
const LONGEST_LINE = 64_000
/** What may wait for a reader that does not read. */
const MOST_WAITING = 4 * 1024 * 1024

/** Debug, info and warnings to stdout, the rest to stderr. Colours the level of text lines on a terminal. */
export class LogConsole {
  readonly #streams: ConsoleStreams
  readonly #format: 'text' | 'json'
  #lost = 0

  constructor(streams: ConsoleStreams, format: 'text' | 'json') {
    this.#streams = streams
    this.#format = format
    for (const stream of this.#both()) stream.on('error', ignore)
  }

  /** Never throws. A line nobody takes off is dropped and counted. */
  write(level: Level, line: string): void {
    const stream = level === 'error' || level === 'fatal' ? this.#streams.stderr : this.#streams.stdout
    if (stream.writableLength > MOST_WAITING) {
      this.#lost++
      return
    }
    if (this.#lost > 0) stream.write(`${this.#lost} log lines were dropped here: nobody read this output.\n`)
    this.#lost = 0
    stream.write(`${cut(this.#coloured(level, line, stream.isTTY === true))}\n`)
  }

  close(): void {
    for (const stream of this.#both()) stream.off('error', ignore)
  }

  #both(): ReadonlySet<Writable> {
    return new Set([this.#streams.stdout, this.#streams.stderr])
  }

  #coloured(level: Level, line: string, tty: boolean): string {
    if (!tty || this.#format === 'json') return line
    return `\x1b[${COLOURS[level]}m${line.slice(0, 4)}\x1b[0m${line.slice(4)}`
  }
}

const COLOURS: Readonly<Record<Level, number>> = { debug: 37, info: 36, warn: 33, error: 31, fatal: 31 }

/** A console that went away (EPIPE) is no reason for the daemon to go too. */
function ignore(): void {}

function cut(line: string): string {
  if (Buffer.byteLength(line) <= LONGEST_LINE) return line
  return `${Buffer.from(line).subarray(0, LONGEST_LINE).toString()}<truncated>`
}
