/**
 * Ends the daemon at every step of a call, and sees that the next start and the same call again make it good.
 *
 *   prepare (once, its files copied for each step) → start, begin → call, ended at step n → start → the call again
 *     → finish → SIGTERM → nothing is left
 */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Told } from '../../docker/client.ts'
import { type Daemon, type DaemonSettings, SYSTEM_PATH, startDaemon } from './daemon.ts'
import { settled } from './docker.ts'
import { clearAway, leftovers, processesOf, run, volumesOf } from './leftovers.ts'
import { spread, until, within } from './poll.ts'
import { arm, endedAt, ONLY_BY_ONE_THREAD, type Step, seenFromStart, stepsOf, traced, watch } from './strace.ts'

/** What a scenario's functions work with. */
export interface Scene {
  readonly root: string
  /** What `prepare` and `begin` have learnt: checksums, mount points. */
  readonly facts: Record<string, string>
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
  /** Does what Docker goes on to do, looks at the data on the way, and removes all volumes. */
  readonly finish: (daemon: Daemon, scene: Scene) => Promise<void>
}

export interface Summary {
  readonly steps: readonly Step[]
  readonly runs: number
  readonly seconds: number
}

/** From its answer a daemon that was told to end takes no time at all; by itself it would wait 20 s for what runs. */
const GRACE_MS = 10_000
/** Longer than a restart takes, and shorter than the daemon waits for a device that is busy (5 s). */
const SLOW_MS = 1_500
const ONE_THREAD = { UV_THREADPOOL_SIZE: '1' }

/** As many daemons at a time; each spends half its life waiting for disk and helpers. */
const WIDTH = 4

/** SIGKILL at every step. After the answer Docker may ask again or not: both are tried. */
export function killAtEveryStep(scenario: Scenario): Promise<Summary> {
  return atEveryStep(scenario, (bench, step) => [
    ...(step.answered ? [] : [{ title: '', work: () => bench.killAt(step, true) }]),
    ...(step.answered ? [true, false] : []).map((again) => ({
      title: again ? ', and the call came again' : ', and no call came',
      work: () => bench.killAt(step, again),
    })),
  ])
}

/** SIGKILL at one step, and again at every step of the start that tidies up after it. */
export async function killAtEveryStepOfRecovery(scenario: Scenario, after: RegExp): Promise<Summary> {
  let crash: Step | undefined
  return atEveryStep(
    scenario,
    (bench, step) => [{ title: '', work: () => bench.killRecoveryAt(crash!, step) }],
    async (bench) => {
      crash = (await bench.enumerate()).find(({ label }) => after.test(label))
      assert.ok(crash, `there is a step like ${after}`)
      return bench.enumerateRecovery(crash)
    },
  )
}

/** A program that takes so long that it outlives a killed daemon. */
export interface Slow {
  readonly program: string
  /** The system call it takes so long for, and which one of these. */
  readonly call: string
  readonly nth: number
}

/** SIGKILL while a helper is at work, which goes on; the daemon is started, and asked again, while it does. */
export async function killWhileHelperWorks(scenario: Scenario, slow: Slow): Promise<void> {
  const bench = await Bench.open(scenario)
  try {
    await bench.killWhile(slow)
  } finally {
    await bench.close()
  }
}

/** SIGKILL of daemon and mkfs, as systemd does to all of a service, with mkfs having made some of its writes. */
export function killWithMkfs(scenario: Scenario, writes: readonly number[]): Promise<Summary> {
  return atEveryStep(scenario, (bench, step) =>
    /end of mkfs/.test(step.label)
      ? writes.map((nth) => ({ title: `, mkfs at write ${nth}`, work: () => bench.killAt(step, true, nth) }))
      : [],
  )
}

/** SIGTERM at every step: the call is answered, and then the daemon goes. */
export function terminateAtEveryStep(scenario: Scenario): Promise<Summary> {
  return atEveryStep(scenario, (bench, step) => [{ title: '', work: () => bench.terminateAt(step) }])
}

interface Trial {
  readonly title: string
  readonly work: () => Promise<void>
}

async function atEveryStep(
  scenario: Scenario,
  trialsAt: (bench: Bench, step: Step) => readonly Trial[],
  enumerate = (bench: Bench) => bench.enumerate(),
): Promise<Summary> {
  const begun = performance.now()
  const bench = await Bench.open(scenario)
  const faults: string[] = []
  try {
    const steps = await enumerate(bench)
    assert.ok(steps.length > 3, `only these steps were seen: ${steps.map(({ label }) => label).join('; ')}`)
    const trials = steps.flatMap((step, index) =>
      trialsAt(bench, step).map(({ title, work }) => ({
        title: `step ${index + 1} of ${steps.length}, ${step.label}${title}`,
        work,
      })),
    )
    await spread(trials, WIDTH, async ({ title, work }) => {
      try {
        await work().catch(repeatOnce(work))
      } catch (error) {
        faults.push(`${title}:\n${error instanceof Error ? (error.stack ?? error.message) : error}`)
      }
    })
    if (faults.length > 0) assert.fail(`${faults.length} of ${trials.length} trials failed.\n\n${faults.join('\n\n')}`)
    return { steps, runs: trials.length, seconds: Math.round(performance.now() - begun) / 1000 }
  } finally {
    await bench.close()
  }
}

/** The daemon did not come by the step, or came by another one first. Says nothing about the daemon. */
class Missed extends Error {}

function repeatOnce(work: () => Promise<void>) {
  return (error: unknown) => {
    if (!(error instanceof Missed)) throw error
    return work()
  }
}

class Bench {
  readonly #scenario: Scenario
  readonly #base: string
  #facts: Readonly<Record<string, string>> = {}
  #count = 0

  static async open(scenario: Scenario): Promise<Bench> {
    const base = await realpath(await mkdtemp(join(tmpdir(), 'netappdvp-crash-')))
    const bench = new Bench(scenario, base)
    const scene = { root: join(base, 'first'), facts: {} }
    await mkdir(scene.root)
    await makeBin(scene.root)
    if (scenario.prepare) {
      await bench.#inScene(scene, async () => {
        const daemon = await bench.#start(scene).ready()
        await scenario.prepare!(daemon, scene)
        await daemon.stop()
      })
    }
    bench.#facts = scene.facts
    return bench
  }

  private constructor(scenario: Scenario, base: string) {
    this.#scenario = scenario
    this.#base = base
  }

  async close(): Promise<void> {
    await rm(this.#base, { recursive: true, force: true })
  }

  /** Runs the call unharmed. @returns its steps, and then those until its answer is on record */
  async enumerate(): Promise<readonly Step[]> {
    const scene = await this.#fresh()
    return this.#inScene(scene, async () => {
      const daemon = await this.#begin(scene)
      const detach = await watch(daemon.pid, join(scene.root, 'strace'))
      const told = await this.#call(daemon)
      this.#check(told, scene)
      if (this.#scenario.call.verb === 'Mount') await settled(daemon)
      const seen = await detach()
      await this.#end(daemon, scene)
      return stepsOf(seen, scene.root)
    })
  }

  /** @param mkfsWrite at which mkfs is killed too */
  async killAt(step: Step, again: boolean, mkfsWrite?: number): Promise<void> {
    const scene = await this.#fresh()
    if (mkfsWrite !== undefined) await makeUnlike(scene, 'mkfs.ext4', 'pwrite64', `signal=KILL:when=${mkfsWrite}`)
    await this.#inScene(scene, async () => {
      await this.#crash(scene, step)
      await this.#recover(scene, again)
    })
  }

  /** The steps of the start after a kill. */
  async enumerateRecovery(crash: Step): Promise<readonly Step[]> {
    const scene = await this.#fresh()
    return this.#inScene(scene, async () => {
      await this.#crash(scene, crash)
      const file = join(scene.root, 'strace-start')
      const second = await this.#start(scene, [], ONE_THREAD, traced(file)).ready()
      const seen = seenFromStart(await readFile(file, 'utf8'))
      process.kill(seen.main, 'SIGTERM')
      await second.ended
      await this.#recover(scene, true)
      return stepsOf(seen, scene.root).filter(({ call }) => ONLY_BY_ONE_THREAD.has(call))
    })
  }

  async killRecoveryAt(crash: Step, step: Step): Promise<void> {
    const scene = await this.#fresh()
    await this.#inScene(scene, async () => {
      await this.#crash(scene, crash)
      const file = join(scene.root, 'strace-start')
      const second = this.#start(scene, [], ONE_THREAD, traced(file, step))
      await within('the daemon is killed', second.ended, 10_000)
      if (!endedAt(await readFile(file, 'utf8'), step, scene.root)) throw new Missed('The daemon was killed elsewhere.')
      await this.#recover(scene, true)
    })
  }

  async killWhile({ program, call, nth }: Slow): Promise<void> {
    const scene = await this.#fresh()
    await makeUnlike(scene, program, call, `delay_enter=${SLOW_MS}ms:when=${nth}`)
    await this.#inScene(scene, async () => {
      const first = await this.#begin(scene)
      const broken = assert.rejects(this.#call(first))
      const helper = await until(`${program} is at work`, async () => {
        const commands = await processesOf(scene.root)
        return commands.find(({ command }) => command.startsWith(`${systemPathOf(program)} `))
      })
      await first.stop('SIGKILL')
      await broken
      process.kill(helper.pid, 0)
      await this.#recover(scene, true)
    })
  }

  /** Runs the call with a kill at a step. */
  async #crash(scene: Scene, step: Step): Promise<void> {
    const first = await this.#begin(scene)
    const trace = await arm(first.pid, step, 'KILL', join(scene.root, 'strace'))
    const told = await this.#call(first).catch(() => undefined)
    await within('the daemon is killed', first.ended, 5_000).catch(() => {
      throw new Missed('The daemon went past it.')
    })
    if (!endedAt(await trace.ended, step, scene.root)) throw new Missed('The daemon was killed elsewhere.')
    assert.equal(told !== undefined, step.answered, 'Docker has an answer')
  }

  /** All that comes after a kill. */
  async #recover(scene: Scene, again: boolean): Promise<void> {
    const daemon = await this.#start(scene).ready()
    await this.#scenario.restarted?.(daemon, scene)
    if (again) this.#check(await this.#call(daemon), scene)
    await this.#end(daemon, scene)
  }

  async terminateAt(step: Step): Promise<void> {
    const scene = await this.#fresh()
    await this.#inScene(scene, async () => {
      const first = await this.#begin(scene)
      const trace = await arm(first.pid, step, 'TERM', join(scene.root, 'strace'))
      const told = await this.#call(first).catch(() => undefined)
      const ended = await within('the daemon ends', first.ended, GRACE_MS).catch(() => {
        throw new Missed('The daemon went past it, or does not end.')
      })
      await trace.ended
      assert.deepEqual(ended, { code: 0, signal: null })
      assert.ok(!existsSync(first.paths.socket), 'the socket is gone')
      if (told) this.#check(told, scene)

      const second = await this.#start(scene).ready()
      if (!told) this.#check(await this.#call(second), scene)
      await this.#end(second, scene)
    })
  }

  /** A root of its own with what `prepare` has left. */
  async #fresh(): Promise<Scene> {
    this.#count += 1
    const root = join(this.#base, String(this.#count))
    const first = join(this.#base, 'first')
    await run('cp', ['-a', '--sparse=always', first, root])
    await makeBin(root)
    const volumes = this.#scenario.volumes
    if (volumes && existsSync(volumes(first))) {
      await run('cp', ['-a', '--sparse=always', volumes(first), volumes(root)])
    }
    return { root, facts: { ...this.#facts } }
  }

  async #begin(scene: Scene): Promise<Daemon> {
    const daemon = await this.#start(scene, ['--log-level', 'error'], ONE_THREAD).ready()
    await this.#scenario.begin?.(daemon, scene)
    return daemon
  }

  #call(daemon: Daemon): Promise<Told> {
    return daemon.call(this.#scenario.call.verb, this.#scenario.call.body)
  }

  #check(told: Told, scene: Scene): void {
    assert.equal(told.status, 200, `${this.#scenario.call.verb}: ${told.body['Err']}`)
    this.#scenario.expect?.(told.body, scene)
  }

  async #end(daemon: Daemon, scene: Scene): Promise<void> {
    await this.#scenario.finish(daemon, scene)
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null })
    await leavesNothing(scene.root, this.#volumesOf(scene.root))
  }

  #start(
    scene: Scene,
    args: readonly string[] = ['--debug'],
    env: DaemonSettings['env'] = {},
    through: readonly string[] = [],
  ): Daemon {
    const { volumes } = this.#scenario
    const config = volumes ? ['--config', join(scene.root, 'config.json')] : []
    const path = { PATH: `${join(scene.root, 'bin')}:${SYSTEM_PATH}` }
    const daemon = startDaemon({ root: scene.root, args: [...args, ...config], env: { ...env, ...path }, through })
    running.get(scene)?.push(daemon)
    return daemon
  }

  #volumesOf(root: string): string {
    return this.#scenario.volumes?.(root) ?? volumesOf(root)
  }

  /** Leaves nothing behind, however the work ends; a fault is told with what the last daemon said. */
  async #inScene<T>(scene: Scene, work: () => Promise<T>): Promise<T> {
    const daemons: Daemon[] = []
    running.set(scene, daemons)
    const volumes = this.#volumesOf(scene.root)
    if (this.#scenario.volumes) {
      const config = { version: 1, storageDriverName: 'local-file', directory: volumes }
      await writeFile(join(scene.root, 'config.json'), JSON.stringify(config), { mode: 0o600 })
    }
    try {
      return await work()
    } catch (error) {
      if (error instanceof Error && !(error instanceof Missed)) {
        error.stack += `\nThe last daemon said:\n${daemons.at(-1)?.output().slice(-4000)}`
      }
      throw error
    } finally {
      for (const daemon of daemons) if (daemon.isRunning()) await daemon.stop('SIGKILL')
      await clearAway(scene.root, volumes)
      if (scene.root !== join(this.#base, 'first')) {
        await rm(scene.root, { recursive: true, force: true })
        if (this.#scenario.volumes) await rm(volumes, { recursive: true, force: true })
      }
    }
  }
}

/**
 * A loop device that was let go while something else looked at it goes a moment later, and anybody's `losetup --list`
 * looks at all of them.
 */
async function leavesNothing(root: string, volumes: string): Promise<void> {
  let left: readonly string[] = []
  await until(
    'nothing is left',
    async () => {
      left = await leftovers(root, volumes)
      return left.length === 0
    },
    3_000,
  ).catch(() => assert.deepEqual(left, []))
}

const running = new Map<Scene, Daemon[]>()

/** Programs that go before the system's: mkfs that takes note of each of its runs. */
async function makeBin(root: string): Promise<void> {
  const bin = join(root, 'bin')
  await mkdir(bin, { recursive: true })
  const mkfs = join(bin, 'mkfs.ext4')
  await writeFile(mkfs, `#!/bin/sh\necho "$*" >>${root}/mkfs-runs\nexec ${systemPathOf('mkfs.ext4')} "$@"\n`)
  await chmod(mkfs, 0o755)
}

function systemPathOf(program: string): string {
  return SYSTEM_PATH.split(':')
    .map((directory) => join(directory, program))
    .find(existsSync)!
}

/** Has the program run under strace for the first time it is started, with `inject` done to a system call of its. */
async function makeUnlike({ root }: Scene, program: string, call: string, inject: string): Promise<void> {
  const path = join(root, 'bin', program)
  const strace = `strace -o /dev/null -e trace=${call} -e inject=${call}:${inject}`
  const text = [
    '#!/bin/sh',
    `echo "$*" >>${root}/${program}-runs`,
    `mkdir ${root}/${program}-unlike 2>/dev/null && exec ${strace} ${systemPathOf(program)} "$@"`,
    `exec ${systemPathOf(program)} "$@"`,
  ]
  await writeFile(path, `${text.join('\n')}\n`)
  await chmod(path, 0o755)
}

/** How often the daemon has started mkfs since the scene began. */
export async function mkfsRuns({ root }: Scene): Promise<number> {
  const text = await readFile(join(root, 'mkfs-runs'), 'utf8').catch(() => '')
  return text.split('\n').length - 1
}
