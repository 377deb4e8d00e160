/** What Docker's calls cost on solidfire-san: against the simulated array, 5 ms away, with so many volumes. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { type Measured, measure } from './measure.ts'
import { executable, type Plugin, startPlugin } from './plugin.ts'

export const LATENCY_MS = 5
const CONCURRENCIES = [1, 16, 64]
const READS = 600
const CREATES = 128
const LISTS = 8

/** An answer serves for two seconds: lists that ask the array keep further apart. */
const APART_MS = 2_100

export interface ElementBench {
  readonly rows: readonly Measured[]
  readonly idleMb: number
  readonly afterMb: number
}

export async function measureElement(volumes: number): Promise<ElementBench> {
  const array = await startArray(volumes)
  try {
    const config = { Endpoint: array.endpoint, SVIP: '127.0.0.1:3260', TenantName: 'bench', insecureSkipVerify: true }
    const plugin = await startPlugin('solidfire-san', config)
    try {
      await plugin.call('Get', { Name: nameOf(0) })
      const idleMb = await plugin.anonymousMb()
      const rows = await measureAll(plugin, volumes)
      return { rows, idleMb, afterMb: await plugin.anonymousMb() }
    } finally {
      await plugin.stop()
    }
  } finally {
    await array.stop()
  }
}

async function measureAll({ call }: Plugin, volumes: number): Promise<readonly Measured[]> {
  const rows: Measured[] = []
  const what = (verb: string) => `${verb}, ${volumes} volumes`
  for (const concurrency of CONCURRENCIES) {
    // A stride that meets no volume twice within two seconds.
    const get = (index: number) => call('Get', { Name: nameOf((index * 7 + concurrency) % volumes) })
    rows.push(await measure(what('Get'), { count: READS, concurrency }, get))
  }
  for (const concurrency of CONCURRENCIES) {
    const list = async () => {
      await call('List')
    }
    const times: Measured[] = []
    for (let round = 0; round < LISTS; round += 1) {
      await delay(APART_MS)
      times.push(await measure(what('List'), { count: concurrency, concurrency }, list))
    }
    rows.push(worstOf(times))
  }
  for (const concurrency of CONCURRENCIES) rows.push(await measureCreates(call, what('Create'), concurrency))
  return rows
}

/** As Docker does it: it asks for each volume just before it creates it. */
async function measureCreates(call: Plugin['call'], what: string, concurrency: number): Promise<Measured> {
  const rounds: Measured[] = []
  for (let round = 0; round < CREATES; round += concurrency) {
    const name = (index: number) => `new-${concurrency}-${round + index}`
    const order = { count: concurrency, concurrency }
    await measure('Get', order, (index) => call('Get', { Name: name(index) }).catch(() => {}))
    rounds.push(await measure(what, order, (index) => call('Create', { Name: name(index), Opts: { size: '1' } })))
  }
  return worstOf(rounds)
}

/** Of rounds of few calls: the median of their medians, and the worst that happened. */
function worstOf(rounds: readonly Measured[]): Measured {
  const sorted = rounds.toSorted((a, b) => a.p50Ms - b.p50Ms)
  const most = (key: 'p99Ms' | 'maxMs') => Math.max(...rounds.map((round) => round[key]))
  return { ...sorted[Math.floor(sorted.length / 2)]!, p99Ms: most('p99Ms'), maxMs: most('maxMs') }
}

function nameOf(index: number): string {
  return `bench-${index}`
}

async function startArray(volumes: number) {
  const options = ['--listen', '127.0.0.1:0', '--account', 'bench', '--latency-ms', String(LATENCY_MS)]
  const args = ['simulate', 'element', ...options, '--volumes', String(volumes)]
  const child = spawn(executable, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) {
    const [, origin] = /at https:\/\/(\S+)\/json-rpc/.exec(line) ?? []
    if (origin === undefined) continue
    const stop = async () => {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    }
    return { endpoint: `https://admin:admin@${origin}/json-rpc/12.0`, stop }
  }
  throw new Error('The simulated array did not come up.')
}
