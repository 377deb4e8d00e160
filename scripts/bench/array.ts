/** What Docker's calls cost on an array: a simulated one, 5 ms away, with so many volumes. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { type Measured, measure } from './measure.ts'
import { executable, type Plugin, startPlugin } from './plugin.ts'
import { type Stall, stallDuring } from './stall.ts'

export const LATENCY_MS = 5
const CONCURRENCIES = [1, 16, 64]
const READS = 600
const CREATES = 128
const LISTS = 8

/** An answer serves for two seconds: lists that ask the array keep further apart. */
const APART_MS = 2_100

export interface ArrayBench {
  readonly driver: string
  /** Of `netappdvp simulate`, kind first. */
  readonly simulate: readonly string[]
  /** Made of the address that the array says it is at. */
  readonly config: (address: string) => object
  readonly volumes: number
  /** Docker's name of one that is there at the start. */
  readonly nameOf: (index: number) => string
  readonly size: string
}

export interface ArrayCost {
  readonly rows: readonly Measured[]
  /** While volumes are listed and looked at. */
  readonly stall: Stall
  readonly idleMb: number
  readonly afterMb: number
}

export async function measureArray(bench: ArrayBench): Promise<ArrayCost> {
  const array = await startArray(bench.simulate)
  try {
    const plugin = await startPlugin(bench.driver, bench.config(array.address))
    try {
      await plugin.call('Get', { Name: bench.nameOf(0) })
      const idleMb = await plugin.anonymousMb()
      const rows = await measureAll(plugin, bench)
      const stall = await stallDuring(plugin, () => readAll(plugin, bench))
      return { rows, stall, idleMb, afterMb: await plugin.anonymousMb() }
    } finally {
      await plugin.stop()
    }
  } finally {
    await array.stop()
  }
}

async function measureAll({ call }: Plugin, { volumes, nameOf, size }: ArrayBench): Promise<readonly Measured[]> {
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
  for (const concurrency of CONCURRENCIES) {
    rows.push(await measureCreates(call, what('Create'), concurrency, size))
  }
  return rows
}

/** Lists and single volumes, each asked of the array. */
async function readAll({ call }: Plugin, { nameOf }: ArrayBench): Promise<void> {
  for (let round = 0; round < LISTS; round += 1) {
    await delay(APART_MS)
    await Promise.all([call('List'), call('Get', { Name: nameOf(round) })])
  }
}

/** As Docker does it: it asks for each volume just before it creates it. */
async function measureCreates(
  call: Plugin['call'],
  what: string,
  concurrency: number,
  size: string,
): Promise<Measured> {
  const rounds: Measured[] = []
  for (let round = 0; round < CREATES; round += concurrency) {
    const name = (index: number) => `new-${concurrency}-${round + index}`
    const order = { count: concurrency, concurrency }
    await measure('Get', order, (index) => call('Get', { Name: name(index) }).catch(() => {}))
    rounds.push(await measure(what, order, (index) => call('Create', { Name: name(index), Opts: { size } })))
  }
  return worstOf(rounds)
}

/** Of rounds of few calls: the median of their medians, and the worst that happened. */
function worstOf(rounds: readonly Measured[]): Measured {
  const sorted = rounds.toSorted((a, b) => a.p50Ms - b.p50Ms)
  const most = (key: 'p99Ms' | 'maxMs') => Math.max(...rounds.map((round) => round[key]))
  return { ...sorted[Math.floor(sorted.length / 2)]!, p99Ms: most('p99Ms'), maxMs: most('maxMs') }
}

async function startArray(simulate: readonly string[]) {
  const options = ['--listen', '127.0.0.1:0', '--latency-ms', String(LATENCY_MS)]
  const child = spawn(executable, ['simulate', ...simulate, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) {
    const [, address] = /at https:\/\/([^\s/]+)/.exec(line) ?? []
    if (address === undefined) continue
    const stop = async () => {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    }
    return { address, stop }
  }
  throw new Error('The simulated array did not come up.')
}
