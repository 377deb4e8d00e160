/** A simulated SVM and what opens drivers on it, for their tests. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backgroundContext } from '../../../src/context.ts'
import type { AnyDriverDefinition, DeletePolicy, Driver, OptionValues } from '../../../src/drivers/driver.ts'
import type { NasOptions } from '../../../src/drivers/ontap/nas-options.ts'
import { run } from '../../../src/host/command.ts'
import { silentLog } from '../../../src/log.ts'
import { Secret } from '../../../src/secret.ts'
import { startOntapSimulator } from '../../../src/simulators/ontap/simulator.ts'

export type SimulatorOptions = NonNullable<Parameters<typeof startOntapSimulator>[0]>

export interface Svm {
  readonly simulator: Awaited<ReturnType<typeof startOntapSimulator>>
  /** A driver as one host opens it, with a state directory of its own. */
  open(change?: Change, other?: AnyDriverDefinition): Promise<Driver<OptionValues>>
  close(): Promise<void>
}

export interface Change {
  readonly prefix?: string
  readonly deletePolicy?: DeletePolicy
  /** One that an earlier driver had, as after a restart; absent: one of its own. */
  readonly stateDirectory?: string
  readonly [setting: string]: unknown
}

export const ctx = backgroundContext('test', silentLog, new AbortController().signal)

/** Each dialect on a release that has it by default. */
export const RELEASES = { rest: '9.15.1', zapi: '9.11.1' } as const

/** Options of a plain volume. */
export const PLAIN: NasOptions = {
  spaceReserve: 'none',
  snapshotPolicy: 'none',
  snapshotDir: false,
  unixPermissions: '0777',
  exportPolicy: 'default',
  securityStyle: 'unix',
  splitOnClone: false,
}

export async function startSvm(usual: AnyDriverDefinition, options: SimulatorOptions = {}): Promise<Svm> {
  const simulator = await startOntapSimulator({ jobMs: 5, ...options })
  const base = await mkdtemp(join(tmpdir(), 'ontap-'))
  const opened: Driver<OptionValues>[] = []
  return {
    simulator,
    async open(asked = {}, definition = usual) {
      const { prefix = 'netappdvp_', deletePolicy = 'recoverable', stateDirectory: earlier, ...change } = asked
      const defaults = Object.entries(definition.config).flatMap(([name, setting]) =>
        setting.default === undefined ? [] : [[name, setting.default] as const],
      )
      const config = {
        ...Object.fromEntries(defaults),
        managementLIF: simulator.address,
        username: simulator.user,
        password: new Secret(simulator.password),
        ...change,
      }
      const stateDirectory = earlier ?? (await mkdtemp(join(base, 'state-')))
      const { signal } = new AbortController()
      const settings = { config: config as never, prefix, deletePolicy, stateDirectory, log: silentLog, run, signal }
      const driver = (await definition.open(settings)) as Driver<OptionValues>
      opened.push(driver)
      return driver
    },
    async close() {
      for (const driver of opened) await driver.close().catch(() => {})
      await simulator.close()
      await rm(base, { recursive: true })
    },
  }
}
