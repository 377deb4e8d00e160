/**
 * A room: a view of the file system in which mounts are made that nobody else sees.
 *
 * It is a mount namespace. A program holds it open, and when that ends, with this process or before, the kernel takes
 * all its mounts away. So the machine's own table of mounts, its /etc and its /var/lib stay as they are.
 *
 * @see mount_namespaces(7)
 */

import { readFile, readlink } from 'node:fs/promises'
import { type RunningProgram, runProgram, startProgram } from './program.ts'

export interface Room {
  /** Runs a program in it. @returns its stdout. @throws Error with the command and its last words */
  run(program: string, args: readonly string[]): Promise<string>
  /** Starts a program in it that goes on, and ends with this process. */
  start(program: string, args: readonly string[], started: (pid: number) => Promise<boolean>): Promise<RunningProgram>
  /** By which this process reaches a file as those in the room see it. @throws Error when the room has ended */
  pathOf(path: string): string
  /** Whether something is mounted at a path of it. */
  isMounted(path: string): Promise<boolean>
  /** Ends it. What its programs or the kernel still use stays mounted until they let go. */
  close(): Promise<void>
}

/** @throws Error when we are not root, or util-linux is missing */
export async function openRoom(): Promise<Room> {
  const own = await mountsOf('self')
  // What others mount and unmount outside happens in here as well, or their disks would stay in use.
  const mounts = ['--mount', '--propagation', 'slave']
  // Whoever ends this process by a signal to all of its group gives it the time to close.
  const deaf = ['env', '--ignore-signal=TERM', '--ignore-signal=INT', '--ignore-signal=HUP']
  const isIn = async (pid: number) => {
    const theirs = await mountsOf(pid).catch(() => own)
    return theirs !== own && (await readlink(`/proc/${pid}/exe`)).endsWith('sleep')
  }
  const holder = await startProgram('unshare', [...mounts, ...deaf, 'sleep', 'infinity'], async (pid) =>
    isIn(pid).catch(() => false),
  )
  const inside = (program: string, args: readonly string[]) =>
    ['--target', String(holder.pid), '--mount', '--', program, ...args] as const
  return {
    run: (program, args) => runProgram('nsenter', inside(program, args)),
    start: (program, args, started) => startProgram('nsenter', inside(program, args), started),
    pathOf(path) {
      // Node would look for a directory to make in /proc for ever.
      if (!holder.running()) throw new Error('What held the mounts of the simulated array open has ended.')
      return `/proc/${holder.pid}/root${path}`
    },
    async isMounted(path) {
      const table = await readFile(`/proc/${holder.pid}/mountinfo`, 'utf8')
      return mountpointsIn(table).includes(path)
    },
    close: () => holder.end(),
  }
}

/** @see proc_pid_mountinfo(5): the fifth field, with blanks and the like as octal numbers */
export function mountpointsIn(table: string): readonly string[] {
  return table.split('\n').flatMap((line) => {
    const mountpoint = line.split(' ')[4]
    return mountpoint === undefined ? [] : decoded(mountpoint)
  })
}

function decoded(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

function mountsOf(pid: number | 'self'): Promise<string> {
  return readlink(`/proc/${pid}/ns/mnt`)
}
