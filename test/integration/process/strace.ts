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

export type Thread = 'main' | 'pool'

/** One system call with an effect, on a thread of the daemon. */
export interface Step {
  readonly thread: Thread
  readonly call: string
  /** Which one of the thread's calls of that name, from 1, since strace attached. */
  readonly nth: number
  /** For people, without what differs between two runs. */
  readonly label: string
  /** The answer was on its way before this step. */
  readonly answered: boolean
}

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

/** A trace of everything, and the threads to look at in it. */
export interface Seen {
  readonly text: string
  readonly main: number
  readonly pool: number
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
  return ['strace', '-f', '-y', '-s', '32', '-o', file, '-e', `trace=${CALLS}`, ...inject]
}

export const ONLY_BY_ONE_THREAD: ReadonlySet<string> = new Set(['rename', 'mkdir', 'rmdir', 'unlink', 'clone', 'wait4'])

/** What a trace from the beginning has seen. */
export function seenFromStart(text: string): Seen {
  const calls = parseTrace(text)
  const main = calls[0]!.tid
  return { text, main, pool: calls.find(({ name, tid }) => name === 'rename' && tid !== main)?.tid ?? 0 }
}

/** Every call that may have an effect, and those which show what they are for. */
const CALLS = [
  ...['openat', 'write', 'pwrite64', 'writev', 'ftruncate', 'fallocate', 'copy_file_range', 'sendfile', 'ioctl'],
  ...['rename', 'renameat2', 'link', 'linkat', 'symlink', 'mkdir', 'rmdir', 'unlink', 'unlinkat', 'mknod'],
  ...['chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'utimensat', 'setxattr', 'mount', 'umount2'],
  ...['clone', 'clone3', 'fork', 'vfork', 'wait4', 'waitid', 'execve', 'kill', 'fsync', 'fdatasync'],
].join(',')

async function attach(how: readonly string[], file: string): Promise<{ child: ChildProcess; ended: Promise<string> }> {
  const child = spawn('strace', ['-y', '-s', '32', '-o', file, '-e', `trace=${CALLS}`, ...how], {
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

/** One traced call, put together from the two lines of an interrupted one. */
export interface Call {
  readonly tid: number
  readonly name: string
  readonly args: string
  /** Empty when it did not return. */
  readonly result: string
}

/** In the order in which they were entered. A trace of one thread has no thread numbers. */
export function parseTrace(text: string): readonly Call[] {
  const calls: { tid: number; name: string; args: string; result: string }[] = []
  const open = new Map<number, (typeof calls)[number]>()
  for (const line of text.split('\n')) {
    const [, tidText = '0', rest = ''] = /^(?:(\d+) +)?(.*)$/.exec(line) ?? []
    const tid = Number(tidText)
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    if (resumed) {
      const call = open.get(tid)
      if (call) Object.assign(call, split(call.args + resumed[1]))
      open.delete(tid)
      continue
    }
    const begun = /^(\w+)\((.*)$/.exec(rest)
    if (!begun) continue
    const call = { tid, name: begun[1]!, ...split(begun[2]!.replace(/ *<unfinished \.\.\.>$/, '')) }
    calls.push(call)
    if (rest.endsWith('<unfinished ...>')) open.set(tid, call)
  }
  return calls
}

function split(text: string): { args: string; result: string } {
  const end = text.lastIndexOf(') ')
  const result = /^\) +=\s*(.*)$/.exec(text.slice(end))?.[1]
  if (end < 0 || result === undefined) return { args: text, result: '' }
  return { args: text.slice(0, end), result: result === '?' ? '' : result }
}

/**
 * The steps of a trace at which the daemon is to be ended: every call that changes what the next start will find, and
 * so each distinct state that a kill can leave, once.
 *
 * Left out, since a kill on entry to them leaves what a kill on entry to the next step leaves:
 * - fsync: the page cache outlives the process (it would not outlive a power cut, which this is no test of);
 * - calls that failed (a mkdir of what is there), opening for reading, closing;
 * - starts and ends of programs that only look: `losetup --list`, `blkid`.
 * Kept for programs that change something: the call that starts it (it never runs), and the wait4 that takes note of
 * its end (it has run, and nobody knows).
 */
export function stepsOf({ text, main, pool }: Seen, root: string): readonly Step[] {
  const calls = parseTrace(text)
  const programs = programsOf(calls)
  const counts = new Map<string, number>()
  let answered = false
  const steps: Step[] = []
  for (const call of calls) {
    const thread = call.tid === main ? 'main' : call.tid === pool ? 'pool' : undefined
    if (thread === undefined) continue
    const key = `${thread} ${call.name}`
    const nth = (counts.get(key) ?? 0) + 1
    counts.set(key, nth)
    const label = thread === 'main' ? mainLabel(call, programs) : poolLabel(call, root)
    if (label !== undefined) steps.push({ thread, call: call.name, nth, label: neutral(label, root), answered })
    if (call.name === 'writev' && thread === 'main') answered = true
  }
  return steps
}

/** What each child was, by its number. */
function programsOf(calls: readonly Call[]): ReadonlyMap<string, string> {
  const execs = calls.filter(({ name, result }) => name === 'execve' && result === '0')
  return new Map(
    execs.map(({ tid, args }) => {
      const argv = /\[(.*?)\]/.exec(args)?.[1] ?? ''
      const words = [...argv.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word)
      return [String(tid), words.join(' ').replace(/^\S*\//, '')] as const
    }),
  )
}

const ONLY_LOOKS = /^(losetup --list|blkid) /

function mainLabel({ name, args, result }: Call, programs: ReadonlyMap<string, string>): string | undefined {
  if (name === 'writev' && args.includes('HTTP/1.1')) return 'the answer'
  const program = name === 'clone' ? programs.get(result) : name === 'wait4' ? programs.get(result) : undefined
  if (program === undefined || ONLY_LOOKS.test(program)) return undefined
  return name === 'clone' ? `the start of ${program}` : `taking note of the end of ${program}`
}

function poolLabel({ name, args, result }: Call, root: string): string | undefined {
  if (result.startsWith('-1') || !args.includes(`${root}/`) || args.includes(`${root}/var/log/`)) return undefined
  const paths = [...args.matchAll(/[<"](\/[^>"]*)[>"]/g)].map(([, path]) => path).filter((path) => path?.includes(root))
  switch (name) {
    case 'openat':
      return /O_CREAT|O_TRUNC/.test(args) ? `open for writing ${paths.at(-1)}` : undefined
    case 'fsync':
    case 'fdatasync':
    case 'writev':
      return undefined
    case 'ioctl':
      return args.includes('FICLONE') ? `ioctl FICLONE ${paths.join(' from ')}` : undefined
    default:
      return `${name} ${paths.join(' to ')}`
  }
}

function neutral(text: string, root: string): string {
  return text
    .replaceAll(root, '')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '*')
    .replaceAll(/\/dev\/loop\d+/g, '/dev/loop*')
    .replaceAll('/var/lib/netappdvp/local-file/', '')
    .replaceAll('/var/lib/docker-volumes/local-file/', 'mounts/')
}

/** True when the trace ends with the daemon's death on entry to this very step. */
export function endedAt(text: string, step: Step, root: string): boolean {
  const last = parseTrace(text).findLast(({ name, result }) => name === step.call && result === '')
  if (!last || !text.includes('+++ killed by SIGKILL +++')) return false
  if (step.thread === 'main') return true
  const label = poolLabel({ ...last, result: '0' }, root)
  return label !== undefined && neutral(label, root) === step.label
}
