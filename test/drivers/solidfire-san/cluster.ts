/** A simulated cluster and what opens solidfire-san on it, for its tests. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { backgroundContext } from '../../../src/context.ts'
import type { Driver } from '../../../src/drivers/driver.ts'
import type { Config, Options } from '../../../src/drivers/solidfire-san/config.ts'
import { solidfireSan } from '../../../src/drivers/solidfire-san/definition.ts'
import { run } from '../../../src/host/command.ts'
import { silentLog } from '../../../src/log.ts'
import { Secret } from '../../../src/secret.ts'
import { startElementSimulator } from '../../../src/simulators/element/simulator.ts'

export const TENANT = 'docker'

export interface Cluster {
  readonly simulator: Awaited<ReturnType<typeof startElementSimulator>>
  /** One call of the array's API, as an administrator would make it; answers `result`. */
  api<T = Record<string, unknown>>(method: string, params?: object): Promise<T>
  /** A driver as one host opens it, with a state directory of its own. */
  open(change?: Change): Promise<Driver<Options>>
  close(): Promise<void>
}

export interface Change extends Partial<Config> {
  readonly prefix?: string
  readonly deletePolicy?: 'recoverable' | 'purge'
}

export const ctx = backgroundContext('test', silentLog, new AbortController().signal)

export async function startCluster(options: Parameters<typeof startElementSimulator>[0] = {}): Promise<Cluster> {
  const simulator = await startElementSimulator(options)
  const base = await mkdtemp(join(tmpdir(), 'solfidire-'))
  const agent = new Agent({ connect: { rejectUnauthorized: false } })
  const opened: Driver<Options>[] = []

  return {
    simulator,
    async api<T>(method: string, params: object = {}) {
      const { password, username, origin, pathname } = new URL(simulator.endpoint)
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
      const body = JSON.stringify({ method, params, id: 1 })
      const answer = await request(origin + pathname, {
        method: 'POST',
        dispatcher: agent,
        headers: { authorization },
        body,
      })
      const told = (await answer.body.json()) as { result?: T; error?: { name: string; message: string } }
      if (told.error) throw new Error(`${method}: ${told.error.name} ${told.error.message}`)
      return told.result as T
    },
    async open({ prefix = '', deletePolicy = 'recoverable', ...change } = {}) {
      const config: Config = {
        Endpoint: new Secret(simulator.endpoint),
        SVIP: '10.0.0.7',
        TenantName: TENANT,
        InitiatorIFace: 'default',
        DefaultBlockSize: 512,
        LegacyNamePrefix: 'netappdvp-',
        insecureSkipVerify: false,
        maxConcurrentRequests: 20,
        ...change,
      }
      const stateDirectory = await mkdtemp(join(base, 'state-'))
      const { signal } = new AbortController()
      const driver = await solidfireSan.open({
        config,
        prefix,
        deletePolicy,
        stateDirectory,
        log: silentLog,
        run,
        signal,
      })
      opened.push(driver)
      return driver
    },
    async close() {
      for (const driver of opened) await driver.close()
      await agent.destroy()
      await simulator.close()
      await rm(base, { recursive: true })
    },
  }
}
