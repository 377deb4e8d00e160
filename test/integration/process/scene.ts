/** One trial's place: a root of its own, what is known of it, and the programs that the daemon finds there first. */

import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Container } from './container.ts'
import { type Daemon, SYSTEM_PATH } from './daemon.ts'

/** What a scenario's functions work with. */
export interface Scene {
  readonly root: string
  /** What `prepare` and `begin` have learnt: checksums, mount points. */
  readonly facts: Record<string, string>
  /** That got the answer to the call which was cut short afterwards. */
  container?: Container
}

export interface Scenario {
  readonly name: string
  /** Where volumes lie, if not in the state directory: gives the directory for a root. */
  readonly volumes?: (root: string) => string
  /** With the daemon running; what it leaves on disk is where every step begins. Nothing may be mounted at its end. */
  readonly prepare?: (daemon: Daemon, scene: Scene) => Promise<void>
  /** With the daemon that is to be ended, just before the call. */
  readonly begin?: (daemon: Daemon, scene: Scene) => Promise<void>
  readonly call: { readonly verb: string; readonly body: object }
  /** Right after the restart, before anything is asked of it. */
  readonly restarted?: (daemon: Daemon, scene: Scene) => Promise<void>
  /** The body of the repeated call's answer. */
  readonly expect?: (body: Record<string, unknown>, scene: Scene) => void
  /** Removes all volumes when nobody repeats the call that was cut short. */
  readonly givenUp?: (daemon: Daemon, scene: Scene) => Promise<void>
  /** Does what Docker goes on to do, looks at the data on the way, and removes all volumes. */
  readonly finish: (daemon: Daemon, scene: Scene) => Promise<void>
}

/** A program that takes so long that it outlives a killed daemon. */
export interface Slow {
  readonly program: string
  /** The system call it takes so long for, and which one of these. */
  readonly call: string
  readonly nth: number
}

/** Programs that go before the system's: mkfs that takes note of each of its runs. */
export async function makeBin(root: string): Promise<void> {
  const bin = join(root, 'bin')
  await mkdir(bin, { recursive: true })
  const mkfs = join(bin, 'mkfs.ext4')
  await writeFile(mkfs, `#!/bin/sh\necho "$*" >>${root}/mkfs-runs\nexec ${systemPathOf('mkfs.ext4')} "$@"\n`)
  await chmod(mkfs, 0o755)
}

export function systemPathOf(program: string): string {
  return SYSTEM_PATH.split(':')
    .map((directory) => join(directory, program))
    .find(existsSync)!
}

/** Has the program run under strace for the first time it is started, with `inject` done to a system call of its. */
export async function makeUnlike({ root }: Scene, program: string, call: string, inject: string): Promise<void> {
  const path = join(root, 'bin', program)
  const strace = `strace -o ${root}/${program}-trace -e trace=${call} -e inject=${call}:${inject}`
  const text = [
    '#!/bin/sh',
    `echo "$*" >>${root}/${program}-runs`,
    `mkdir ${root}/${program}-unlike 2>/dev/null && exec ${strace} ${systemPathOf(program)} "$@"`,
    `exec ${systemPathOf(program)} "$@"`,
  ]
  await writeFile(path, `${text.join('\n')}\n`)
  await chmod(path, 0o755)
}

/** What strace wrote about a program that makeUnlike has changed. */
export function traceOf({ root }: Scene, program: string): Promise<string> {
  return readFile(join(root, `${program}-trace`), 'utf8')
}

/** How often the daemon has started mkfs since the scene began. */
export async function mkfsRuns({ root }: Scene): Promise<number> {
  const text = await readFile(join(root, 'mkfs-runs'), 'utf8').catch(() => '')
  return text.split('\n').length - 1
}
