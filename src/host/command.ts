/** Runs programs of this machine. Nothing else in src/ starts a process. */

import { type ChildProcess, spawn } from 'node:child_process'
import { access, constants, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { errnoOf, HostError, reasonOf } from '../errors.ts'
import { unlessAborted } from '../retry.ts'
import type { Finished, Run } from '../run.ts'
import { packageOf } from './packages.ts'

/**
 * Runs a program in a process group of its own, so that a time limit, or `ctx.signal`, ends its children as well.
 * Writes one debug line a command.
 *
 * Output past 1 MiB a stream is cut, and the cut noted in its place.
 */
export const run: Run = async (ctx, program, args, options = {}) => {
  ctx.signal.throwIfAborted()
  const { accept = [], stdin, timeoutMs = DEFAULT_TIMEOUT_MS, env = {}, secrets = [] } = options
  const strike = striker(secrets)
  const command = strike([program, ...args].join(' '))
  const startedAt = performance.now()
  const note = (exit: number | string) =>
    ctx.log.debug('Command ended.', { command, exit, ms: Math.round(performance.now() - startedAt) })

  const child = start(program, args, stdin, env)
  const ended = endOf(child)
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), timeoutMs)
  const stop = AbortSignal.any([ctx.signal, patience.signal])
  let ending: Ending
  try {
    ending = await unlessAborted(ended, stop)
  } catch (error) {
    if (!stop.aborted) {
      note(errnoOf(error) ?? 'not started')
      throw await notStarted(program, command, error)
    }
    const leftover = await kill(child, ended)
    note(leftover === undefined ? 'killed' : 'cannot be killed')
    if (ctx.signal.aborted) throw ctx.signal.reason
    throw commandTimeout(command, timeoutMs, leftover)
  } finally {
    clearTimeout(timer)
  }

  const { exitCode, signal, stdout, stderr } = ending
  note(exitCode ?? `${signal}`)
  if (exitCode !== null && [0, ...accept].includes(exitCode)) return { exitCode, stdout, stderr }
  const end = exitCode === null ? `was ended by ${signal}` : `ended with exit code ${exitCode}`
  throw new HostError('COMMAND_FAILED', `"${command}" ${end}: ${strike(lastWordsOf(ending))}.`)
}

/** Where programs are looked for, by `run` as well. Undefined when there is none of that name. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const directory of searchPath().split(':')) {
    const path = join(directory, name)
    if (await isExecutable(path)) return path
  }
  return undefined
}

/** For a program that another one starts. @throws HostError TOOL_MISSING */
export async function requireProgram(name: string): Promise<void> {
  if ((await findProgram(name)) === undefined) throw toolMissing(name)
}

/** The end of what a program said, on one line, for a message: its stderr, or else its stdout. */
export function lastWordsOf({ stdout, stderr }: Pick<Finished, 'stdout' | 'stderr'>): string {
  const text = stderr.trim() === '' ? stdout : stderr
  const lines = text.split('\n').map((line) => line.trim())
  const words = lines
    .filter((line) => line !== '')
    .slice(-LAST_LINES)
    .join('; ')
  return words.slice(-LAST_CHARACTERS).replace(/\.$/, '') || 'it said nothing'
}

const DEFAULT_TIMEOUT_MS = 30_000
const MAX_OUTPUT = 1024 * 1024
const LAST_LINES = 5
const LAST_CHARACTERS = 1000

/** From SIGTERM to SIGKILL, and from SIGKILL to giving up. */
const KILL_GRACE_MS = 2_000

/** How long a daemon that a program left behind may keep our end of its output open. */
const DRAIN_MS = 500

/** Replaces every secret, longest first so that one within another does not leave the rest of it. */
function striker(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length)
  return (text) => known.reduce((struck, secret) => struck.replaceAll(secret, '***'), text)
}

/** The child gets nothing else of our environment: that may hold passwords, and systemd's sockets. */
function start(
  program: string,
  args: readonly string[],
  stdin: string | undefined,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn(program, args, {
    cwd: '/',
    detached: true,
    env: { ...env, PATH: searchPath(), LC_ALL: 'C' },
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  // A program that ends without reading its input breaks the pipe; its exit code tells what that meant.
  child.stdin?.on('error', () => {})
  child.stdin?.end(stdin)
  return child
}

/** Our PATH, with the directories added that hold mount and mkfs and that users' PATHs lack. */
function searchPath(): string {
  const directories = (process.env['PATH'] || '/usr/local/bin:/usr/bin:/bin').split(':')
  return [...new Set([...directories, '/usr/local/sbin', '/usr/sbin', '/sbin'])].join(':')
}

interface Ending {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Resolves once the program has ended and its output was read; rejects when it could not be started. */
function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    // Out of descriptors, there are no pipes, and the error follows.
    if (!child.stdout || !child.stderr) return
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    child.once('exit', () => setTimeout(() => abandonOutput(child), DRAIN_MS).unref())
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout: stdout(), stderr: stderr() }))
  })
}

function abandonOutput(child: ChildProcess): void {
  child.stdout?.destroy()
  child.stderr?.destroy()
}

/** Keeps the first MiB of what a stream brings, and reads on so that the writer does not wait. */
function collect(stream: Readable): () => string {
  const chunks: Buffer[] = []
  let kept = 0
  let cut = 0
  stream.on('error', () => {})
  stream.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, MAX_OUTPUT - kept)
    if (part.length > 0) chunks.push(part)
    kept += part.length
    cut += chunk.length - part.length
  })
  return () => {
    const text = Buffer.concat(chunks).toString('utf8')
    return cut === 0 ? text : `${text}\n[${cut} more bytes cut]`
  }
}

/**
 * Ends the whole process group: SIGTERM, a short grace, SIGKILL.
 *
 * @returns undefined once it is dead; what is left when even SIGKILL does not end it, because it waits in the kernel.
 */
async function kill(child: ChildProcess, ended: Promise<Ending>): Promise<string | undefined> {
  const { pid } = child
  if (pid === undefined) return undefined
  const dead = ended.then(
    () => true,
    () => true,
  )

  signalGroup(pid, 'SIGTERM')
  await Promise.race([dead, falseAfter(KILL_GRACE_MS)])
  signalGroup(pid, 'SIGKILL')
  if (await Promise.race([dead, falseAfter(KILL_GRACE_MS)])) return undefined

  abandonOutput(child)
  child.unref()
  return `process ${pid}, in state ${await stateOf(pid)}`
}

/** Does not keep the process alive. */
function falseAfter(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false).unref())
}

/** Signals what is left of a group; its leader may be gone and children of it not. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error
  }
}

/** The letter of proc(5): `D` is a wait in the kernel that no signal ends. */
async function stateOf(pid: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2)[0] ?? '?'
  } catch {
    return '?'
  }
}

function commandTimeout(command: string, timeoutMs: number, leftover: string | undefined): HostError {
  const end =
    leftover === undefined
      ? 'and was killed.'
      : `and cannot be killed: ${leftover}. It waits in the kernel for storage that does not answer; see "dmesg".`
  return new HostError('COMMAND_TIMEOUT', `"${command}" did not end in ${timeoutMs / 1000} s ${end}`)
}

/** ENOENT means a missing program or, when the program is there, the interpreter it names. */
async function notStarted(program: string, command: string, error: unknown): Promise<HostError> {
  if (errnoOf(error) === 'ENOENT' && (await findProgram(program)) === undefined) return toolMissing(program, error)
  return new HostError('COMMAND_FAILED', `"${command}" could not be started: ${reasonOf(error)}.`, { cause: error })
}

function toolMissing(program: string, cause?: unknown): HostError {
  const names = packageOf(program)
  const advice = names
    ? `Install the package ${names.debian} (Debian, Ubuntu) or ${names.rhel} (RHEL, Fedora).`
    : 'Install it, or add its directory to PATH.'
  return new HostError('TOOL_MISSING', `Cannot find the program "${program}" in ${searchPath()}. ${advice}`, { cause })
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
