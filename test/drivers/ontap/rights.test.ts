/** The role that is printed for a config lets its driver do everything, and has nothing in it that can be left out. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { OntapDialect } from '../../../src/backends/ontap/ontap.ts'
import { callsFor, rightsFor } from '../../../src/backends/ontap/rights.ts'
import { backgroundContext } from '../../../src/context.ts'
import type { AnyDriverDefinition, DeletePolicy, Driver, OptionValues } from '../../../src/drivers/driver.ts'
import { openSvm } from '../../../src/drivers/ontap/open-ontap.ts'
import { doingsOf, type OntapNasDriver } from '../../../src/drivers/ontap/rights.ts'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import { ontapNasEconomy } from '../../../src/drivers/ontap-nas-economy/driver.ts'
import { driverOf } from '../../../src/drivers/ontap-nas-economy/open.ts'
import { ontapNasFlexgroup } from '../../../src/drivers/ontap-nas-flexgroup/driver.ts'
import { PluginError } from '../../../src/errors.ts'
import { run } from '../../../src/host/command.ts'
import type { Log } from '../../../src/log.ts'
import { Secret } from '../../../src/secret.ts'
import { svmNamed } from '../../../src/simulators/ontap/operations/find.ts'
import { unmountVolume } from '../../../src/simulators/ontap/operations/junctions.ts'
import { addLoadSharing } from '../../../src/simulators/ontap/operations/mirrors.ts'
import { createQtree, deleteQtree } from '../../../src/simulators/ontap/operations/qtrees.ts'
import { type OntapSimulator, startOntapSimulator } from '../../../src/simulators/ontap/simulator.ts'
import type { CommandRight, RestRight } from '../../../src/simulators/ontap/state/users.ts'
import { everyVerb } from './every-verb.ts'
import { RELEASES } from './svm.ts'

const DRIVERS: Readonly<Record<OntapNasDriver, AnyDriverDefinition>> = {
  'ontap-nas': ontapNas,
  'ontap-nas-economy': ontapNasEconomy as unknown as AnyDriverDefinition,
  'ontap-nas-flexgroup': ontapNasFlexgroup,
}

interface Case {
  readonly title: string
  readonly deletePolicy: DeletePolicy
  readonly scope: 'svm' | 'cluster'
  readonly settings: Readonly<Record<string, unknown>>
  /** Those that are tried in no other case. */
  readonly rights: RegExp
}

const CASES: readonly Case[] = [
  {
    title: 'a plain config',
    deletePolicy: 'recoverable',
    scope: 'svm',
    settings: {},
    // While a clone is in the recovery queue its snapshot is not removed.
    rights: /^(?!volume snapshot delete$)/,
  },
  {
    title: 'a config with its own export policy that removes for good',
    deletePolicy: 'purge',
    scope: 'svm',
    settings: { autoExportPolicy: true },
    rights: /export-polic|recovery-queue|volume snapshot delete/,
  },
  {
    title: 'a config that limits how full aggregates get',
    deletePolicy: 'recoverable',
    scope: 'cluster',
    settings: { limitAggregateUsage: '95%' },
    rights: /storage.aggregate/,
  },
]

const PAIRS = (['rest', 'zapi'] as const).flatMap((dialect) =>
  (Object.keys(DRIVERS) as OntapNasDriver[]).map((driver) => [driver, dialect] as const),
)

/** Calls that are made only when something goes wrong, or the array takes more than a minute. */
const RARE = [
  'GET /cluster/jobs/{}',
  'GET /storage/volumes/{}',
  'PATCH /storage/quota/rules/{}',
  'system-get-ontapi-version',
  'vserver-get-iter',
  'quota-on',
  'volume-online',
]

suite('roles', { concurrency: true }, () => {
  for (const [driver, dialect] of PAIRS) {
    suite(`of ${driver} over ${dialect}`, { concurrency: false }, () => {
      for (const each of CASES) {
        suite(each.title, () => {
          let bench: Bench
          before(async () => {
            bench = await Bench.start(driver, dialect, each)
          })
          after(() => bench.end())

          test('makes the calls that its role is made from, and no others', () => bench.compareCalls())
          test('works with the role that is printed for it', async () => {
            await bench.tryRole(bench.role)
          })
          test('misses each right of it, and says which', () => bench.leaveOutEach(each.rights))
        })
      }
    })
  }
})

interface Role {
  readonly rest: readonly RestRight[]
  readonly commands: readonly CommandRight[]
}

class Bench {
  readonly #driver: OntapNasDriver
  readonly #dialect: OntapDialect
  readonly #case: Case
  readonly #simulator: OntapSimulator
  readonly #directory: string
  readonly role: Role
  #runs = 0

  constructor(
    driver: OntapNasDriver,
    dialect: OntapDialect,
    each: Case,
    made: { readonly simulator: OntapSimulator; readonly directory: string; readonly role: Role },
  ) {
    this.#driver = driver
    this.#dialect = dialect
    this.#case = each
    this.#simulator = made.simulator
    this.#directory = made.directory
    this.role = made.role
  }

  static async start(driver: OntapNasDriver, dialect: OntapDialect, each: Case): Promise<Bench> {
    const { scope, deletePolicy } = each
    const simulator = await startOntapSimulator({ jobMs: 0, release: RELEASES[dialect], scope })
    await simulator.change((array) => addLoadSharing(array, svmNamed(array, 'svm1'), ['aggr1']))
    const directory = await mkdtemp(join(tmpdir(), 'rights-'))
    const config = configOf(driver, simulator, dialect, each) as never
    const role = roleIn(await DRIVERS[driver].roleCommands!({ config, deletePolicy }))
    return new Bench(driver, dialect, each, { simulator, directory, role })
  }

  async end(): Promise<void> {
    await this.#simulator.close()
    await rm(this.#directory, { recursive: true })
  }

  async compareCalls(): Promise<void> {
    const { user, password } = this.#simulator
    this.#simulator.resetCounts()
    await this.#doEverything(user, password)
    // What the first has made is found by the second.
    await this.#doEverything(user, password)
    const made = Object.entries(this.#simulator.counts()).flatMap(([name, count]) => (count > 0 ? [plain(name)] : []))
    const calls = this.#calls().map((call) => ({ ...call, operation: plain(call.operation) }))
    const listed = new Set(calls.map(({ operation }) => operation))
    const tolerated = callsFor(this.#dialect, this.#doings('purge')).filter((call) => call.without !== undefined)
    const strangers = made.filter(
      (name) => !listed.has(name) && !tolerated.some(({ operation }) => plain(operation) === name),
    )
    assert.deepEqual(strangers, [], 'made, and not in the role')
    const idle = [...listed].filter((name) => !made.includes(name) && !RARE.includes(name))
    assert.deepEqual(idle, [], 'in the role, and never made')
  }

  /** @returns what was logged meanwhile */
  async tryRole({ rest, commands }: Role): Promise<readonly string[]> {
    await this.#simulator.change(({ exportPolicies }) => {
      for (const { id, name } of [...exportPolicies.values()]) if (name !== 'default') exportPolicies.delete(id)
    })
    const password = 'least-rights-1'
    await this.#simulator.addUser({ name: 'docker', password, role: { rest, commands } })
    return this.#doEverything('docker', password)
  }

  async leaveOutEach(rights: RegExp): Promise<void> {
    for (const right of rightsFor(this.#calls()).filter(({ to }) => rights.test(to))) {
      const isLeftOut = (each: RestRight | CommandRight) => Object.values(each).includes(right.to)
      const rest = this.role.rest.filter((each) => !isLeftOut(each))
      const commands = this.role.commands.filter((each) => !isLeftOut(each))
      assert.equal(rest.length + commands.length, this.role.rest.length + this.role.commands.length - 1, right.to)
      const said = await this.tryRole({ rest, commands }).catch((error: unknown) => {
        assert.ok(error instanceof PluginError && error.code === 'UNAUTHORIZED', `${right.to}: ${error}`)
        return [error.message]
      })
      if (right.without === undefined || said.some((text) => this.#asksForMore(text))) {
        assert.ok(
          said.some((text) => text.includes(right.to)),
          `${right.to} is not named: ${said.join(' ')}`,
        )
      }
    }
  }

  /** Attempts are purged whatever the policy is, and stay in the recovery queue where the role has no right to that. */
  #asksForMore(text: string): boolean {
    const isUsual = this.#case.deletePolicy !== 'purge' && text.includes('recovery-queue')
    return text.includes('Give ') && !isUsual
  }

  #calls() {
    const { deletePolicy } = this.#case
    const release = this.#dialect === 'rest' ? REST_RELEASE : undefined
    return callsFor(this.#dialect, this.#doings(deletePolicy), release)
  }

  #doings(deletePolicy: DeletePolicy) {
    const config = configOf(this.#driver, this.#simulator, this.#dialect, this.#case) as never
    return doingsOf(this.#driver, { config, deletePolicy })
  }

  /** @returns what was logged meanwhile */
  async #doEverything(username: string, password: string): Promise<readonly string[]> {
    this.#runs += 1
    const lines: string[] = []
    const prefix = `r${this.#runs}_`
    const login = { username, password: new Secret(password) }
    const driver = await this.#open(prefix, login, noting(lines))
    try {
      const ctx = backgroundContext('test', noting(lines), new AbortController().signal)
      await everyVerb(ctx, driver, prefix, () => this.#unmount(prefix))
    } finally {
      await driver.close()
    }
    if (this.#driver === 'ontap-nas-economy') await this.#tidyUp(prefix, login, lines)
    return lines
  }

  async #open(prefix: string, change: object, log: Log): Promise<Driver<OptionValues>> {
    return (await DRIVERS[this.#driver].open(await this.#settings(prefix, change, log))) as Driver<OptionValues>
  }

  async #settings(prefix: string, change: object, log: Log) {
    const stateDirectory = await mkdtemp(join(this.#directory, 'state-'))
    const config = { ...configOf(this.#driver, this.#simulator, this.#dialect, this.#case), ...change } as never
    const { deletePolicy } = this.#case
    return { config, prefix, deletePolicy, stateDirectory, run, log, signal: new AbortController().signal }
  }

  #unmount(prefix: string): Promise<void> {
    return this.#simulator.change((array) => {
      const mounted = array.volumes
        .all()
        .filter(({ name, junction }) => name.includes(prefix) && junction !== undefined)
      for (const { uuid } of mounted) unmountVolume(array, uuid)
    })
  }

  /** Leftovers and empty FlexVols go in their own time: until they have, or the log says that they cannot. */
  async #tidyUp(prefix: string, login: object, lines: string[]): Promise<void> {
    const { array } = this.#simulator
    const pools = () => array.volumes.all().filter(({ name, type }) => type === 'rw' && name.includes(prefix))
    // What is left of a volume that somebody removed as a directory, beside one that is there.
    await this.#simulator.change(({ quotaRules }) => {
      for (const { uuid } of pools()) {
        createQtree(array, uuid, { name: `${prefix}other`, mode: 0o755 })
        const rule = { uuid: randomUUID(), volume: uuid, type: 'tree', qtree: `${prefix}gone`, target: '' } as const
        quotaRules.set(uuid, [...(quotaRules.get(uuid) ?? []), rule])
      }
    })
    const hasty = { qtreePruneFlexvolsPeriod: 0.05, emptyFlexvolDeferredDeletePeriod: 0.2 }
    const settings = await this.#settings(prefix, { ...login, ...hasty }, noting(lines))
    const driver = await driverOf(await openSvm(settings), settings, { leftoverMs: 0 })
    const until = async (isSo: () => boolean) => {
      while (!isSo() && !lines.some((text) => text.includes('Give '))) await delay(20)
    }
    const gone = ({ qtree }: { readonly qtree: string }) => qtree === `${prefix}gone`
    await until(() => pools().every(({ uuid }) => !(array.quotaRules.get(uuid) ?? []).some(gone)))
    await this.#simulator.change(() => {
      for (const { uuid } of pools()) deleteQtree(array, uuid, `${prefix}other`)
    })
    await until(() => pools().length === 0)
    await driver.close()
  }
}

const REST_RELEASE = { generation: 9, major: 15, minor: 1, text: '' }

function configOf(driver: OntapNasDriver, simulator: OntapSimulator, dialect: OntapDialect, { settings }: Case) {
  const defaults = Object.entries(DRIVERS[driver].config).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return {
    ...Object.fromEntries(defaults),
    managementLIF: simulator.address,
    svm: 'svm1',
    username: 'docker',
    password: new Secret('not used'),
    useREST: dialect === 'rest',
    tlsFingerprint: simulator.fingerprint,
    ...settings,
  }
}

/** What its commands make; explanations are left out, as administrators are told to. */
function roleIn(lines: readonly string[]): Role {
  const granted = (pattern: RegExp) =>
    lines.flatMap((line) => [...line.matchAll(pattern)].map(([, to, access]) => ({ to: to!, access: access as 'all' })))
  const rest = granted(/^security login rest-role create .*-api (\S+) -access (\S+)$/g)
  const commands = granted(/^security login role create .*-cmddirname "([^"]+)" -access (\S+)$/g)
  return {
    rest: rest.map(({ to, access }) => ({ path: to, access })),
    commands: commands.map(({ to, access }) => ({ command: to, access })),
  }
}

/** What a key is called is nobody's business: `{id}` and `{policy.id}` are one. */
function plain(operation: string): string {
  return operation.replace(/\{[^}]+\}/g, '{}')
}

function noting(lines: string[]): Log {
  const note: Log['info'] = (message, fields = {}) => lines.push(`${message} ${JSON.stringify(fields)}`)
  const log: Log = { debug() {}, info: note, warn: note, error: note, child: () => log }
  return log
}
