/** Runs programs of this machine for a data plane. Nothing else in src/simulators starts a process. */

import { execFile, spawn } from 'node:child_process'

/** @returns its stdout. @throws Error with the command and its last words */
export function runProgram(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: PATIENCE_MS, env: environment() }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const words = stderr.trim() || error.message
      reject(new Error(`"${[program, ...args].join(' ')}" failed: ${words}`, { cause: error }))
    })
  })
}

const PATIENCE_MS = 30_000

/** A program that goes on. */
export interface RunningProgram {
  readonly pid: number
  /** Whether it is still at work. */
  running(): boolean
  /** Ends it, and resolves when it has ended. Safe to repeat. */
  end(): Promise<void>
}

/**
 * Starts a program that ends with this process, however that ends: `setpriv` has the kernel see to it.
 *
 * It counts as started once `started` answers true.
 *
 * @throws Error with the command and its last words, when it ends before that, or is not ready in time
 */
export async function startProgram(
  program: string,
  args: readonly string[],
  started: (pid: number) => Promise<boolean>,
): Promise<RunningProgram> {
  const all = ['--pdeathsig', 'KILL', program, ...args]
  const child = spawn('setpriv', all, { stdio: ['ignore', 'ignore', 'pipe'], env: environment() })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS)
  })
  let isRunning = true
  const ended = new Promise<void>((resolve) => {
    child.once('error', ({ message }) => {
      words += message
      isRunning = false
      resolve()
    })
    child.once('exit', () => {
      isRunning = false
      resolve()
    })
  })
  const said = new Promise<void>((resolve) => child.stderr.once('close', resolve))
  const end = async () => {
    child.kill('SIGKILL')
    await ended
  }

  const until = performance.now() + PATIENCE_MS
  while (child.pid === undefined || !(await started(child.pid))) {
    if (isRunning && performance.now() < until) {
      await Promise.race([ended, pause(POLL_MS)])
      continue
    }
    const fate = isRunning ? 'is not ready' : 'ended'
    await end()
    // What it said last may arrive after its end; and never end, if a child of its own goes on.
    await Promise.race([said, pause(LAST_WORDS_MS)])
    throw new Error(`"${[program, ...args].join(' ')}" ${fate}: ${words.trim() || 'it said nothing'}`)
  }
  return { pid: child.pid, running: () => isRunning, end }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

const POLL_MS = 20
const LAST_WORDS_MS = 1_000
const LAST_WORDS = 2000

/** Where programs are looked for. */
export function programPath(): string {
  return `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`
}

function environment() {
  return { PATH: programPath(), LC_ALL: 'C' }
}
