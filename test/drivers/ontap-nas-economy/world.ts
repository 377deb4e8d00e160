/** Several hosts and one array, in virtual time and in an order that a seed decides. */

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { OntapQtree } from '../../../src/backends/ontap/ontap.ts'
import { backgroundContext, type Context } from '../../../src/context.ts'
import type { IntentId } from '../../../src/drivers/driver.ts'
import { ontapNasEconomy } from '../../../src/drivers/ontap-nas-economy/driver.ts'
import type { EconomyDriver } from '../../../src/drivers/ontap-nas-economy/economy-driver.ts'
import { driverOf } from '../../../src/drivers/ontap-nas-economy/open.ts'
import type { EconomyOptions } from '../../../src/drivers/ontap-nas-economy/options.ts'
import type { EconomySettings } from '../../../src/drivers/ontap-nas-economy/settings.ts'
import { PluginError } from '../../../src/errors.ts'
import { run } from '../../../src/host/command.ts'
import { silentLog } from '../../../src/log.ts'
import type { ArrayName } from '../../../src/names.ts'
import { type Bytes, MIB } from '../../../src/units.ts'
import { type Fate, MemoryArray, reach } from './memory-ontap.ts'

export const NAME = 'netappdvp_db1' as ArrayName

/** The first that `makePools` makes. */
export const POOL = 'ndvp_qtree_pool_netappdvp_AAAAAAAAAA'

export const PLAIN: EconomyOptions = {
  spaceReserve: 'none',
  snapshotPolicy: 'none',
  snapshotDir: false,
  unixPermissions: '0755',
  exportPolicy: 'default',
  securityStyle: 'unix',
}

export interface Host {
  readonly driver: EconomyDriver
  /** MiB */
  create(name: ArrayName, size: number, options?: Partial<EconomyOptions>): Promise<void>
  /** After so many calls more it answers nothing any more, and does nothing. */
  dieAfter(calls: number): void
  isDoomed(): boolean
}

export interface Outcome {
  /** Of the error; `dead` for a host that died; absent when all went well. */
  readonly code?: string
}

/** A test in a world of its own, which has one FlexVol. */
export function inWorld(title: string, run: (world: World) => Promise<void>): void {
  test(title, async () => {
    const world = new World(7)
    world.makePools('A')
    try {
      await run(world)
    } finally {
      world.close()
    }
  })
}

export class World {
  readonly array = new MemoryArray()
  /** Of all hosts. */
  config: Partial<EconomySettings> = {}
  /** How many of a hundred calls get lost, before or after they were done. */
  lost = 0
  /** Sees each call before the array does, and may decide what it meets. */
  before: (call: string) => Fate | undefined = () => undefined
  readonly ctx: Context
  readonly #random: () => number
  readonly #ended = new AbortController()

  constructor(seed: number) {
    this.#random = randomFrom(seed)
    this.ctx = backgroundContext('world', silentLog, this.#ended.signal)
  }

  /** One a letter, each on an aggregate of its own: AAAAAAAAAA on aggrA. */
  makePools(letters: string): void {
    for (const letter of letters) {
      const made = this.array.makeVolume(`ndvp_qtree_pool_netappdvp_${letter.repeat(10)}`, 1024 * MIB)
      this.array.volumes.set(made.name, { ...made, aggregates: [`aggr${letter}`] })
    }
  }

  /** Those that are to die have done so if they have not answered when all others have. */
  async run(count: number, work: (host: Host, index: number) => Promise<unknown>): Promise<readonly Outcome[]> {
    return this.#inVirtualTime(async () => {
      const lost = this.lost
      this.lost = 0
      const hosts = await Promise.all(Array.from({ length: count }, () => this.#open()))
      this.lost = lost
      const under = hosts.map((host, index) => outcomeOf(work(host, index)))
      const others = under.filter((_, index) => !hosts[index]!.isDoomed())
      const end = Promise.all(others).then((): Outcome => ({ code: 'dead' }))
      const outcomes = await Promise.all(
        under.map((one, index) => (hosts[index]!.isDoomed() ? Promise.race([one, end]) : one)),
      )
      this.lost = 0
      return outcomes
    })
  }

  /** Of what makeVolume made. */
  setState(pool: string, state: string): void {
    this.array.volumes.set(pool, { ...this.array.volumes.get(pool)!, state })
  }

  /** Lets a host that does nothing else tidy up for as long as it takes. */
  async tidy(hours = 1): Promise<void> {
    await this.#inVirtualTime(async () => {
      await this.#open()
      await later(hours * 3_600_000)
    }, 1_000)
  }

  /** 0 to `count` - 1. */
  any(count: number): number {
    return Math.floor(this.#random() * count)
  }

  close(): void {
    this.#ended.abort(new Error('The test is over.'))
  }

  settled(name: string): readonly OntapQtree[] {
    return this.array.qtrees.filter(
      (qtree) => qtree.name === name && (qtree.unixPermissions !== 0 || this.#hasRule(qtree)),
    )
  }

  assertOneSettled(name: string): void {
    const found = this.settled(name)
    assert.equal(found.length, 1)
    assert.ok(this.#hasRule(found[0]!), 'it has its quota')
  }

  /** Neither candidates, nor what is being removed, nor rules of what is gone. */
  assertNothingElse(): void {
    assert.deepEqual(
      this.array.qtrees.filter(
        (qtree) => qtree.name.startsWith('deleted_') || !this.settled(qtree.name).includes(qtree),
      ),
      [],
    )
    for (const { volume, qtree } of this.array.rules) {
      assert.ok(
        this.array.qtrees.some((one) => one.volume === volume && one.name === qtree),
        `rule of ${qtree}`,
      )
    }
    assert.deepEqual(this.array.harmed, [])
  }

  /** Each FlexVol holds what is promised in it. */
  assertRoom(): void {
    for (const { name, size } of this.array.volumes.values()) {
      const rules = this.array.rules.filter(({ volume }) => volume === name)
      assert.ok(rules.reduce((sum, { hardLimit = 0 }) => sum + hardLimit, 0) <= size, name)
    }
  }

  #hasRule({ volume, name }: OntapQtree): boolean {
    return this.array.rules.some((rule) => rule.volume === volume && rule.qtree === name)
  }

  async #open(): Promise<Host> {
    let left = Number.POSITIVE_INFINITY
    const ontap = reach(this.array, {
      delay: () => 1 + Math.floor(this.#random() ** 4 * LONGEST_MS),
      fateOf: (call) => {
        left -= 1
        return left < 0 ? 'crashed' : this.#fateOf(call)
      },
    })
    const driver = await driverOf(ontap, settingsOf(this.config, this.#ended.signal))
    return {
      driver,
      create: (name, size, options = {}) =>
        driver.create(this.ctx, {
          name,
          dockerName: name,
          size: (size * MIB) as Bytes,
          options: { ...PLAIN, ...options },
          intent: 'none' as IntentId,
        }),
      dieAfter: (calls) => {
        left = calls
      },
      isDoomed: () => left !== Number.POSITIVE_INFINITY,
    }
  }

  #fateOf(call: string): Fate {
    const fate = this.before(call)
    if (fate !== undefined) return fate
    if (this.#random() * 100 >= this.lost) return 'answered'
    return this.#random() < 0.5 ? 'lost' : 'done-and-lost'
  }

  async #inVirtualTime<T>(work: () => Promise<T>, stepMs = 10): Promise<T> {
    mock.timers.enable({ apis: ['setTimeout'] })
    const random = mock.method(Math, 'random', this.#random)
    try {
      let isDone = false
      const result = work().finally(() => {
        isDone = true
      })
      result.catch(() => {})
      while (!isDone) {
        await new Promise((resolve) => setImmediate(resolve))
        mock.timers.tick(stepMs)
      }
      return await result
    } finally {
      random.mock.restore()
      mock.timers.reset()
    }
  }
}

/** Most calls are quick, and some are not. */
const LONGEST_MS = 1_500

function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  return work.then(
    () => ({}),
    (error) => ({ code: error instanceof PluginError ? error.code : String(error.stack) }),
  )
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function settingsOf(change: Partial<EconomySettings>, signal: AbortSignal) {
  const defaults = Object.entries(ontapNasEconomy.config).map(([name, setting]) => [name, setting.default] as const)
  const given = defaults.filter(([, value]) => value !== undefined)
  const config = { ...Object.fromEntries(given), usageHeartbeat: 0, ...change } as unknown as EconomySettings
  const common = { prefix: 'netappdvp_', deletePolicy: 'purge', stateDirectory: '/nowhere' } as const
  return { ...common, config, log: silentLog, run, signal }
}

/** Marsaglia's xorshift, 32 bits. */
function randomFrom(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
