/**
 * The log file: kept open, appended to in the background, rotated by size.
 *
 * - Lines are written in the order they came, by one write at a time; `write` itself waits for nothing.
 * - A line that cannot be written (disk full, file system read-only or hanging) is dropped and counted. The daemon goes
 *   on; the next line that can be written is followed by one that says how many are missing.
 * - After a torn write the next one begins on a line of its own.
 */

import { type FileHandle, rename } from 'node:fs/promises'
import { reasonOf } from '../errors.ts'
import { openForAppend } from './log-open.ts'

export interface LogFileEvents {
  rotated(fields: Rotation): void
  /** Told once per trouble, not per line. */
  troubled(message: string): void
  recovered(lost: number): void
}

/** Field names are nDVP's. */
export interface Rotation {
  readonly oldLogFileLocation: string
  readonly logFileLocation: string
  readonly logFileSize: number
}

/** nDVP's. */
const ROTATE_AT = 10_485_760
/** What may wait for a disk that does not answer. */
const MOST_WAITING = 16 * 1024 * 1024

export class LogFile {
  readonly #path: string
  readonly #events: LogFileEvents
  #handle: FileHandle
  #size: number
  #rotateAt = ROTATE_AT

  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** What has been asked for so far, one after the other. Never rejects. */
  #turn: Promise<unknown> = Promise.resolve()
  #draining = false

  #lost = 0
  #troubled = false
  #torn = false

  /** @throws HostError PATH_INVALID | STATE_UNWRITABLE */
  static async open(path: string, events: LogFileEvents): Promise<LogFile> {
    const { handle, size } = await openForAppend(path)
    return new LogFile(path, events, handle, size)
  }

  private constructor(path: string, events: LogFileEvents, handle: FileHandle, size: number) {
    this.#path = path
    this.#events = events
    this.#handle = handle
    this.#size = size
  }

  /** Takes a line without its end. Never throws. */
  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`)
    if (this.#waitingBytes + bytes.length > MOST_WAITING) {
      this.#lost++
      this.#trouble('its disk does not answer')
      return
    }
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#draining) return
    this.#draining = true
    void this.#inTurn(() => this.#drain())
  }

  /** Resolves when every line so far is written or given up. */
  async flush(): Promise<void> {
    await this.#turn
  }

  /**
   * Opens the path anew, after something else has moved the file away. On failure the old one stays in use.
   *
   * @throws HostError PATH_INVALID | STATE_UNWRITABLE
   */
  reopen(): Promise<void> {
    return this.#inTurn(() => this.#switch())
  }

  /** No line may follow. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#handle.close())
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(task)
    this.#turn = done.catch(() => {})
    return done
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#append(Buffer.concat(this.#batch()))
      if (this.#size >= this.#rotateAt) await this.#rotate()
    }
    this.#draining = false
  }

  /** The lines that wait, up to the one that fills the file. */
  #batch(): readonly Buffer[] {
    let room = this.#rotateAt - this.#size
    const rest = this.#waiting.findIndex((bytes) => {
      room -= bytes.length
      return room <= 0
    })
    const batch = this.#waiting.splice(0, rest < 0 ? this.#waiting.length : rest + 1)
    this.#waitingBytes -= batch.reduce((sum, bytes) => sum + bytes.length, 0)
    return batch
  }

  async #append(lines: Buffer): Promise<void> {
    const bytes = this.#torn ? Buffer.concat([NEWLINE, lines]) : lines
    let written = 0
    try {
      while (written < bytes.length) written += (await this.#handle.write(bytes, written)).bytesWritten
      this.#recover()
    } catch (error) {
      this.#lost += countLines(bytes.subarray(Math.max(written, this.#torn ? 1 : 0)))
      this.#trouble(reasonOf(error))
    }
    if (written > 0) this.#torn = bytes[written - 1] !== NEWLINE[0]
    this.#size += written
  }

  #trouble(reason: string): void {
    if (this.#troubled) return
    this.#troubled = true
    this.#events.troubled(
      `Cannot write log file ${this.#path}: ${reason}. Its lines are dropped until it can be written.`,
    )
  }

  #recover(): void {
    if (!this.#troubled) return
    this.#troubled = false
    this.#events.recovered(this.#lost)
    this.#lost = 0
  }

  async #rotate(): Promise<void> {
    const old = `${this.#path}.old`
    const size = this.#size
    try {
      await rename(this.#path, old)
      await this.#switch()
      this.#events.rotated({ oldLogFileLocation: old, logFileLocation: this.#path, logFileSize: size })
    } catch (error) {
      this.#rotateAt = size + ROTATE_AT
      this.#events.troubled(`Cannot rotate log file ${this.#path} to ${old}: ${reasonOf(error)}. It goes on growing.`)
    }
  }

  async #switch(): Promise<void> {
    const { handle, size } = await openForAppend(this.#path)
    const before = this.#handle
    this.#handle = handle
    this.#size = size
    this.#rotateAt = ROTATE_AT
    this.#torn = false
    await before.close()
  }
}

const NEWLINE = Buffer.from('\n')

function countLines(bytes: Buffer): number {
  return bytes.reduce((count, byte) => count + (byte === NEWLINE[0] ? 1 : 0), 0)
}
