/**
 * A machine within this machine, to run a dockerd and plugins in as they run on a host of their own.
 *
 * Docker looks for plugins in /run/docker/plugins and nowhere else, and shows what it finds there to everybody: so a
 * dockerd of a test needs a /run of its own. Here everything below /run, /var/lib, /var/log, /etc and /opt is private, in
 * one directory that goes away afterwards; mounts are shared between its processes, as systemd makes them on a host, and
 * seen by nobody else. (`--root` of the plugin would move its socket away from where Docker looks.) Processes, too, are in
 * a namespace, whose first process waits for the end of this one: so no process and no mount outlives the tests, not even
 * when these are killed. Shared with the real machine are the kernel's loop devices and cgroups, which `end` clears.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { run as runHere } from '../../../src/host/command.ts'
import { type Mount, readMounts } from '../../../src/host/mountinfo.ts'
import type { Finished, RunOptions } from '../../../src/run.ts'
import { context } from '../../host/fakes.ts'
import { until } from './until.ts'

export interface Machine {
  /** Last part of the paths that name this machine on the real one. */
  readonly name: string
  /** Where a path of the machine is seen from here, mounts included. */
  at(path: string): string
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Finished>
  /** Starts a program that goes on running; its output goes to the end of the file `log` of the machine. */
  start(program: string, args: readonly string[], options: StartOptions): Promise<Started>
  mounts(): Promise<readonly Mount[]>
  /** Files of the machine that are loop devices. */
  loopFiles(): Promise<readonly string[]>
  /** Ends every process, which takes mounts and loop devices along. */
  end(): Promise<void>
}

export interface StartOptions {
  readonly log: string
  readonly env?: NodeJS.ProcessEnv
}

export interface Started {
  /** As the real machine counts. */
  readonly pid: number
  isRunning(): boolean
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>
}

const ctx = context()

/** @param directory an empty one, with a short name: socket paths are short. It goes away with the machine. */
export async function startMachine(directory: string): Promise<Machine> {
  const name = directory.slice(directory.lastIndexOf('/') + 1)
  const unshare = spawn('unshare', [...NAMESPACES, 'sh', '-euc', FIRST_PROCESS, 'first', directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await Promise.race([once(unshare.stdout!, 'data'), failed(unshare)])
  const first = await childOf(unshare.pid!)
  const at = (path: string) => `/proc/${first}/root${path}`
  const inside = ['--target', String(first), '--mount', '--pid', '--net', '--']

  const machine: Machine = {
    name,
    at,
    run: (program, args, options) => runHere(ctx, 'nsenter', [...inside, program, ...args], options),
    async start(program, args, { log, env = {} }) {
      const output = await open(at(log), 'a')
      const child = spawn('nsenter', [...inside, program, ...args], {
        stdio: ['ignore', output.fd, output.fd],
        env: { PATH: process.env['PATH'], TMPDIR: '/run', ...env },
      })
      await output.close()
      return startedBy(child)
    },
    mounts: () => readMounts(first),
    async loopFiles() {
      // By number: another machine's files have the same paths.
      const files = await inodesBelow(at('/var/lib/netappdvp'))
      const { stdout } = await machine.run('losetup', ['--list', '--noheadings', '--output', 'BACK-INO,BACK-FILE'])
      const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/))
      return rows.flatMap(([inode = '', path = '']) => (files.has(inode) ? [path] : []))
    },
    async end() {
      const files = await inodesBelow(join(directory, 'var/lib/netappdvp'))
      unshare.stdin!.end()
      if (isRunning(unshare)) await once(unshare, 'exit')
      await until('the loop devices are gone', () => detachLoops(files))
      await removeControlGroups(name)
      await rm(directory, { recursive: true })
    },
  }
  return machine
}

const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--net']

/** Arranges the machine, says so, and lives until its standard input ends; as process 1 it reaps what is orphaned. */
const FIRST_PROCESS = `
  cd "$1"
  mkdir -p run var/lib var/log layers
  for path in run var/lib var/log; do mount --bind $path /$path; done
  for path in etc opt; do
    mkdir layers/$path layers/$path.work
    mount -t overlay -o lowerdir=/$path,upperdir="$1"/layers/$path,workdir="$1"/layers/$path.work overlay /$path
  done
  cd /
  mount --make-rshared /
  echo ready
  cat >/dev/null
  exit
`

/** nsenter goes on in a child, which is the program; it ends as the program ends. */
async function startedBy(nsenter: ChildProcess): Promise<Started> {
  const pid = await Promise.race([childOf(nsenter.pid!), failed(nsenter)])
  const ended = isRunning(nsenter) ? once(nsenter, 'exit') : Promise.resolve()
  return {
    pid,
    ended,
    isRunning: () => isRunning(nsenter),
    async end(signal) {
      if (isRunning(nsenter)) process.kill(pid, signal)
      await ended
    },
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

async function failed(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`${child.spawnargs.join(' ')} has ended with ${code}`)
}

function childOf(pid: number): Promise<number> {
  return until(`process ${pid} has a child`, async () => {
    const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
    return Number.parseInt(text, 10) || undefined
  })
}

async function inodesBelow(directory: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile())
  return new Set(await Promise.all(files.map(async (f) => String((await stat(join(f.parentPath, f.name))).ino))))
}

/** @returns whether none of the files was one any more */
async function detachLoops(inodes: ReadonlySet<string>): Promise<boolean> {
  const { stdout } = await runHere(ctx, 'losetup', ['--list', '--noheadings', '--output', 'NAME,BACK-INO'])
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/))
  const ours = rows.flatMap(([device, inode = '']) => (inodes.has(inode) ? [device!] : []))
  for (const device of ours) await runHere(ctx, 'losetup', ['--detach', device], { accept: [1] })
  return ours.length === 0
}

/** Those of containers that were killed along with their dockerd, in every hierarchy. */
async function removeControlGroups(name: string): Promise<void> {
  const root = '/sys/fs/cgroup'
  for (const hierarchy of ['', ...(await readdir(root))]) {
    const top = join(root, hierarchy, name)
    const below = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => undefined)
    if (!below) continue
    const groups = below.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
    for (const group of [...groups.sort().reverse(), top]) {
      await until(`${group} is empty`, () =>
        rmdir(group).then(
          () => true,
          (error) => error.code === 'ENOENT',
        ),
      )
    }
  }
}
