/**
 * strace as a tool of tests: lists the steps of a running daemon, and ends it at exactly one of them.
 *
 * What was found out about strace 6.1, Linux 6.18 and Node 24.21, on which all of this rests:
 * - `inject=CALL:signal=KILL:when=N` acts as the call is *entered*, and the call does not happen: the kernel looks for
 *   a fatal signal after it has told the tracer and before it runs the call. strace writes `rename(…) = ?`.
 * - SIGTERM, injected likewise, lets the call happen first; the handler runs when it returns. Node's pool threads block
 *   no signal, so a SIGTERM sent to one of them arrives like any other.
 * - strace counts N for each system call by its name, and for each thread, from the moment it attached:
 *   `inject=rename,mkdir:…:when=4` means the fourth rename or the fourth mkdir. So a step is named by its thread, its
 *   call, and which one of these it is.
 * - `-p TID` without `-f` attaches to one thread and to none of the programs that it starts. A SIGKILL that reaches
 *   any thread ends the process.
 * - Injection acts only on calls that are traced too: with `trace=none` nothing happens.
 * - Node does its file operations in libuv's thread pool, one call after the other if that has one thread
 *   (UV_THREADPOOL_SIZE=1); after each it wakes the main thread by one write to an eventfd. The main thread starts
 *   programs (clone), takes note of their end (wait4) and answers (writev). No V8 thread touches files.
 * - So the order of both threads' calls is the same in every run, down to their numbers, as long as nothing is logged
 *   (--log-level=error): lines of the log are written by the same pool thread, whenever they come.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { run } from './leftovers.ts'
import { until, within } from './poll.ts'
import type { Seen, Step, Thread } from './steps.ts'

/** False, or why steps cannot be traced here. */
export async function cannotTrace(): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'needs root for loop devices, mounts and strace'
  const works = await run('strace', ['-o', '/dev/null', '-e', 'inject=getppid:signal=CONT:when=1', 'true']).then(
    () => true,
    () => false,
  )
  if (!works) return 'needs strace, and the right to trace'
  const loops = await run('losetup', ['--find']).then(
    () => true,
    () => false,
  )
  return loops ? false : 'needs loop devices'
}

/** Follows all threads, and the programs that they start. @returns how to let the daemon go */
export async function watch(pid: number, file: string): Promise<() => Promise<Seen>> {
  const pool = await threadOf(pid, 'pool')
  const { child, ended } = await attach(['-f', '-p', String(pid)], file)
  return async () => {
    child.kill('SIGINT')
    return { text: await within('strace detaches', ended), main: pid, pool }
  }
}

/** Sends `signal` to the daemon as it enters a step. `ended` has what was seen of its thread, once that is no more. */
export async function arm(
  pid: number,
  step: Step,
  signal: 'KILL' | 'TERM',
  file: string,
): Promise<{ readonly ended: Promise<string> }> {
  const inject = ['-e', `inject=${step.call}:signal=${signal}:when=${step.nth}`]
  return attach([...inject, '-p', String(await threadOf(pid, step.thread))], file)
}

/**
 * The command to start the daemon through, for a trace from its beginning, with a kill or without.
 *
 * Here `when=` counts for every thread and program there is, so only calls are to be named that one thread alone makes:
 * Node's main thread opens files too while it starts.
 */
export function traced(file: string, step?: Step): readonly string[] {
  const inject = step ? ['-e', `inject=${step.call}:signal=KILL:when=${step.nth}`] : []
  return ['strace', '-f', '-y', '-s', '160', '-o', file, '-e', `trace=${CALLS}`, ...inject]
}

/** Every call that may have an effect, and those which show what they are for. */
const CALLS = [
  ...['openat', 'write', 'pwrite64', 'writev', 'ftruncate', 'fallocate', 'copy_file_range', 'sendfile', 'ioctl'],
  ...['rename', 'renameat2', 'link', 'linkat', 'symlink', 'mkdir', 'rmdir', 'unlink', 'unlinkat', 'mknod'],
  ...['chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'utimensat', 'setxattr', 'mount', 'umount2'],
  ...['clone', 'clone3', 'fork', 'vfork', 'wait4', 'waitid', 'execve', 'kill', 'fsync', 'fdatasync'],
].join(',')

async function attach(how: readonly string[], file: string): Promise<{ child: ChildProcess; ended: Promise<string> }> {
  const child = spawn('strace', ['-y', '-s', '160', '-o', file, '-e', `trace=${CALLS}`, ...how], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const closed = once(child, 'close')
  await until(`strace attaches: ${said}`, () => said.includes('attached') || hasEnded(child))
  if (hasEnded(child)) throw new Error(`strace could not attach: ${said}`)
  return { child, ended: closed.then(() => readFile(file, 'utf8')) }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function threadOf(pid: number, thread: Thread): Promise<number> {
  if (thread === 'main') return pid
  const pool: number[] = []
  for (const tid of await readdir(`/proc/${pid}/task`)) {
    if ((await readFile(`/proc/${pid}/task/${tid}/comm`, 'utf8')).trim() === 'libuv-worker') pool.push(Number(tid))
  }
  if (pool.length !== 1) throw new Error(`The daemon has ${pool.length} pool threads; steps need exactly one.`)
  return pool[0]!
}
