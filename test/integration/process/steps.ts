/** From what strace wrote to the steps at which a daemon is to be ended. */

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

/** Where the daemon's files are. */
export interface Places {
  readonly root: string
  /** The directory of volumes, which may be elsewhere. */
  readonly volumes: string
}

/** A trace of everything, and the threads to look at in it. */
export interface Seen {
  readonly text: string
  readonly main: number
  readonly pool: number
}

/** Calls that no program or thread makes but one. */
export const ONLY_BY_ONE_THREAD: ReadonlySet<string> = new Set(['rename', 'mkdir', 'rmdir', 'unlink', 'clone', 'wait4'])

/** What a trace from the beginning has seen. */
export function seenFromStart(text: string): Seen {
  const calls = parseTrace(text)
  const main = calls[0]!.tid
  return { text, main, pool: calls.find(({ name, tid }) => name === 'rename' && tid !== main)?.tid ?? 0 }
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
 * - starts and ends of programs that only look: `losetup --list`, `blkid`;
 * - what is written without being waited for, before or after the answer: which volumes there are (known.json).
 * Kept for programs that change something: the call that starts it (it never runs), and the wait4 that takes note of
 * its end (it has run, and nobody knows).
 */
export function stepsOf({ text, main, pool }: Seen, places: Places): readonly Step[] {
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
    const label = thread === 'main' ? mainLabel(call, programs) : poolLabel(call, places)
    if (label !== undefined) steps.push({ thread, call: call.name, nth, label: neutral(label, places), answered })
    if (call.name === 'writev' && thread === 'main') answered = true
  }
  return steps
}

/** How many calls of a name the programs made whose command line matches. */
export function callsOf({ text }: Seen, program: RegExp, name: string): number {
  const calls = parseTrace(text)
  const programs = programsOf(calls)
  return calls.filter((call) => call.name === name && program.test(programs.get(String(call.tid)) ?? '')).length
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

function poolLabel({ name, args, result }: Call, { root, volumes }: Places): string | undefined {
  if (result.startsWith('-1')) return undefined
  const paths = [...args.matchAll(/[<"](\/[^>"]*)[>"]/g)]
    .map(([, path]) => path!)
    .filter((path) => path.startsWith(`${root}/`) || path.startsWith(`${volumes}/`) || path === volumes)
  if (paths.length === 0 || paths[0]?.startsWith(`${root}/var/log/`)) return undefined
  if (paths.some((path) => path.includes('/known.json'))) return undefined
  switch (name) {
    case 'openat':
      return /O_CREAT|O_TRUNC/.test(args) ? `open for writing ${paths.at(-1)}` : undefined
    case 'fsync':
    case 'fdatasync':
    case 'writev':
      return undefined
    case 'ioctl':
      return args.includes('FICLONE') ? `ioctl FICLONE ${paths.join(' from ')}` : undefined
    case 'write':
    case 'pwrite64':
      // What is written may have paths in it too.
      return `${name} ${paths[0]}`
    default:
      return `${name} ${paths.join(' to ')}`
  }
}

function neutral(text: string, { root, volumes }: Places): string {
  return text
    .replaceAll(volumes, 'volumes')
    .replaceAll(root, '')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '*')
    .replaceAll(/\/dev\/loop\d+/g, '/dev/loop*')
    .replaceAll('/var/lib/netappdvp/local-file/', '')
    .replaceAll('/var/lib/docker-volumes/local-file/', 'mounts/')
}

/** True when the trace ends with the daemon's death on entry to this very step. */
export function endedAt(text: string, step: Step, places: Places): boolean {
  const last = parseTrace(text).findLast(({ name, result }) => name === step.call && result === '')
  if (!last || !text.includes('+++ killed by SIGKILL +++')) return false
  if (step.thread === 'main') return true
  const label = poolLabel({ ...last, result: '0' }, places)
  return label !== undefined && neutral(label, places) === step.label
}
