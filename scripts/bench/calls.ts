/** What Docker's calls cost with a thousand volumes. */

import { setTimeout as delay } from 'node:timers/promises'
import { type Measured, measure, summary } from './measure.ts'
import type { Plugin } from './plugin.ts'
import { stallDuring } from './stall.ts'

export const VOLUMES = 1_000
const SIZE = '20m'

/** Makes the volumes the other measurements use. */
export function measureCreates({ call }: Plugin): Promise<Measured> {
  const order = { count: VOLUMES, concurrency: 16 }
  return measure('Create', order, (index) => call('Create', { Name: nameOf(index), Opts: { size: SIZE } }))
}

export async function measureReads({ call }: Plugin): Promise<readonly Measured[]> {
  const rows: Measured[] = []
  for (const concurrency of [1, 16]) {
    const named = (verb: string) =>
      measure(verb, { count: 3_000, concurrency }, (index) => call(verb, { Name: nameOf(index % VOLUMES) }))
    rows.push(await named('Get'))
    rows.push(await measure(`List of ${VOLUMES}`, { count: 300, concurrency }, () => call('List')))
    rows.push(await named('Path'))
    rows.push(await measure('Capabilities', { count: 3_000, concurrency }, () => call('Capabilities')))
  }
  return rows
}

/** Lists that read the disk: an answer serves for two seconds, so they keep further apart. */
const LISTS = 4
const APART_MS = 2_200

/** How long a call that needs nothing waits for the event loop while the volumes are listed. */
export async function measureStall(plugin: Plugin): Promise<readonly Measured[]> {
  const lists: number[] = []
  const begun = performance.now()
  const { waitsMs } = await stallDuring(plugin, async () => {
    for (let index = 0; index < LISTS; index++) {
      await delay(APART_MS)
      lists.push(await timed(() => plugin.call('List')))
    }
  })
  const elapsed = performance.now() - begun
  return [
    summary(`List of ${VOLUMES}, read anew`, 1, lists, elapsed),
    summary('Capabilities meanwhile', 1, waitsMs, elapsed),
  ]
}

export function measureCreateAndRemove({ call }: Plugin): Promise<Measured> {
  return measure('Create and Remove', { count: 500, concurrency: 16 }, async (index) => {
    await call('Create', { Name: `passing-${index}`, Opts: { size: SIZE } })
    await call('Remove', { Name: `passing-${index}` })
  })
}

/** The first mount of a volume formats it. Needs root. */
export async function measureMounts({ call }: Plugin): Promise<readonly Measured[]> {
  const cycle = async (index: number, name: string) => {
    await call('Mount', { Name: name, ID: `bench-${index}` })
    await call('Unmount', { Name: name, ID: `bench-${index}` })
  }
  const rows: Measured[] = []
  for (const concurrency of [1, 4]) {
    const volumes = Array.from({ length: 20 }, (_, index) => nameOf(index * 4 + concurrency))
    const nameAt = (index: number) => volumes[index % volumes.length]!
    const first = { count: volumes.length, concurrency }
    rows.push(await measure('Mount (mkfs) and Unmount', first, (index) => cycle(index, nameAt(index))))
    rows.push(await measure('Mount and Unmount', { count: 60, concurrency }, (index) => cycle(index, nameAt(index))))
  }
  return rows
}

export async function callMany({ call }: Plugin, count: number): Promise<void> {
  await measure('Get', { count, concurrency: 16 }, (index) => call('Get', { Name: nameOf(index % VOLUMES) }))
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await work()
  return performance.now() - before
}

function nameOf(index: number): string {
  return `bench-${index}`
}
