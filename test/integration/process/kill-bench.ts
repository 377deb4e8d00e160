/**
 * Ends a daemon where it is told to, and sees that the next start and the same call again make it good:
 *
 *   prepare (once, its files copied for each trial) → start, begin → call, ended on the way → start → the call again
 *     → finish → SIGTERM → nothing is left
 */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Told } from '../../docker/client.ts'
import { startContainer } from './container.ts'
import { type Daemon, type DaemonSettings, SYSTEM_PATH, startDaemon } from './daemon.ts'
import { settled } from './docker.ts'
import { clearAway, leftovers, processesOf, run, volumesOf } from './leftovers.ts'
import { until, within } from './poll.ts'
import { makeBin, makeUnlike, type Scenario, type Scene, type Slow, systemPathOf, traceOf } from './scene.ts'
import { callsOf, endedAt, ONLY_BY_ONE_THREAD, type Places, type Step, seenFromStart, stepsOf } from './steps.ts'
import { arm, traced, watch } from './strace.ts'

/** From its answer a daemon that was told to end takes no time at all; by itself it would wait 20 s for what runs. */
const GRACE_MS = 10_000
/** Longer than a restart takes, and shorter than the daemon waits for a device that is busy (5 s). */
const SLOW_MS = 1_500
const ONE_THREAD = { UV_THREADPOOL_SIZE: '1' }

/** The daemon did not come by the step, or came by another one first. Says nothing about the daemon. */
export class Missed extends Error {}

export class Bench {
  readonly #scenario: Scenario
  readonly #base: string
  #facts: Readonly<Record<string, string>> = {}
  #count = 0
  /** How many writes mkfs made in the run that `enumerate` has seen. */
  mkfsWrites = 0

  static async open(scenario: Scenario): Promise<Bench> {
    const bench = new Bench(scenario, await realpath(await mkdtemp(join(tmpdir(), 'netappdvp-crash-'))))
    try {
      await bench.#prepare()
      return bench
    } catch (error) {
      await bench.close()
      throw error
    }
  }

  async #prepare(): Promise<void> {
    const { prepare } = this.#scenario
    const scene = { root: join(this.#base, 'first'), facts: {} }
    await mkdir(scene.root)
    await makeBin(scene.root)
    if (prepare) {
      await this.#inScene(scene, async () => {
        const daemon = await this.#start(scene).ready()
        await prepare(daemon, scene)
        await daemon.stop()
      })
    }
    this.#facts = scene.facts
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
      this.mkfsWrites = callsOf(seen, /^mkfs/, 'pwrite64')
      return stepsOf(seen, this.#placesOf(scene))
    })
  }

  /** After the answer, when it is on record that Docker has it. */
  async killWhenDone(): Promise<void> {
    const scene = await this.#fresh()
    await this.#inScene(scene, async () => {
      const first = await this.#begin(scene)
      const told = await this.#call(first)
      this.#check(told, scene)
      if (this.#scenario.call.verb === 'Mount') await settled(first)
      await first.stop('SIGKILL')
      await this.#recover(scene, false, told)
    })
  }

  /** @param mkfsWrite at which mkfs is killed too */
  async killAt(step: Step, again: boolean, mkfsWrite?: number): Promise<void> {
    const scene = await this.#fresh()
    if (mkfsWrite !== undefined) await makeUnlike(scene, 'mkfs.ext4', 'pwrite64', `signal=KILL:when=${mkfsWrite}`)
    await this.#inScene(scene, async () => {
      const told = await this.#crash(scene, step)
      if (mkfsWrite !== undefined) assert.match(await traceOf(scene, 'mkfs.ext4'), /killed by SIGKILL/)
      await this.#recover(scene, again, told)
    })
  }

  /** Nobody asks again: what the start tidies up, and removing the volumes, has to do. */
  async killAndGiveUpAt(step: Step): Promise<void> {
    const scene = await this.#fresh()
    await this.#inScene(scene, async () => {
      await this.#crash(scene, step)
      const daemon = await this.#start(scene).ready()
      await this.#scenario.restarted?.(daemon, scene)
      await this.#end(daemon, scene, this.#scenario.givenUp)
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
      return stepsOf(seen, this.#placesOf(scene)).filter(({ call }) => ONLY_BY_ONE_THREAD.has(call))
    })
  }

  async killRecoveryAt(crash: Step, step: Step): Promise<void> {
    const scene = await this.#fresh()
    await this.#inScene(scene, async () => {
      await this.#crash(scene, crash)
      const file = join(scene.root, 'strace-start')
      const second = this.#start(scene, [], ONE_THREAD, traced(file, step))
      await within('the daemon is killed', second.ended, 10_000)
      if (!endedAt(await readFile(file, 'utf8'), step, this.#placesOf(scene)))
        throw new Missed('The daemon was killed elsewhere.')
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

  /** Runs the call with a kill at a step. @returns the answer, if there was one before it */
  async #crash(scene: Scene, step: Step): Promise<Told | undefined> {
    const first = await this.#begin(scene)
    const trace = await arm(first.pid, step, 'KILL', join(scene.root, 'strace'))
    const told = await this.#call(first).catch(() => undefined)
    await within('the daemon is killed', first.ended, 5_000).catch(() => {
      throw new Missed('The daemon went past it.')
    })
    if (!endedAt(await trace.ended, step, this.#placesOf(scene))) throw new Missed('The daemon was killed elsewhere.')
    assert.equal(told !== undefined, step.answered, 'Docker has an answer')
    return told
  }

  /** All that comes after a kill. A container that had its mount before runs on; else Docker may ask `again`. */
  async #recover(scene: Scene, again: boolean, told?: Told): Promise<void> {
    const mountpoint = told?.body['Mountpoint']
    if (!again && mountpoint !== undefined) scene.container = await startContainer(String(mountpoint))
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

  async #end(daemon: Daemon, scene: Scene, finish = this.#scenario.finish): Promise<void> {
    await finish(daemon, scene)
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

  #placesOf({ root }: Scene): Places {
    return { root, volumes: this.#volumesOf(root) }
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
      await scene.container?.end()
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
