/** Runs the same kind of work many times, so many at a time, and says how long each took. */

export interface Measured {
  readonly name: string
  readonly concurrency: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export async function measure(
  name: string,
  { count, concurrency }: { readonly count: number; readonly concurrency: number },
  work: (index: number) => Promise<unknown>,
): Promise<Measured> {
  const times: number[] = []
  let next = 0
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let index = next++; index < count; index = next++) {
        const before = performance.now()
        await work(index)
        times.push(performance.now() - before)
      }
    }),
  )
  return summary(name, concurrency, times, performance.now() - begun)
}

export function summary(name: string, concurrency: number, times: readonly number[], elapsedMs: number): Measured {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return {
    name,
    concurrency,
    perSecond: (times.length / elapsedMs) * 1000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  }
}

export function printMeasured(rows: readonly Measured[]): string {
  const heading = ['', 'at a time', 'a second', 'p50 ms', 'p99 ms', 'max ms']
  const lines = rows.map(({ name, concurrency, perSecond, ...times }) => [
    name,
    String(concurrency),
    perSecond.toFixed(0),
    ...[times.p50Ms, times.p99Ms, times.maxMs].map((ms) => ms.toFixed(1)),
  ])
  return [heading, ...lines]
    .map(([name, ...cells]) => `${name!.padEnd(34)}${cells.map((cell) => cell.padStart(11)).join('')}\n`)
    .join('')
}
