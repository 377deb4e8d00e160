/** Which trials a scenario is put to: one, or a few, for every step of its call. */

import assert from 'node:assert/strict'
import { Bench, Missed } from './kill-bench.ts'
import { spread } from './poll.ts'
import type { Scenario, Slow } from './scene.ts'
import type { Step } from './steps.ts'

export interface Summary {
  readonly steps: readonly Step[]
  readonly runs: number
  readonly seconds: number
}

/** As many daemons at a time; each spends half its life waiting for disk and helpers. */
const WIDTH = 4

/** SIGKILL at every step, and after the last. Once it is answered Docker may ask again or not: both are tried. */
export function killAtEveryStep(scenario: Scenario): Promise<Summary> {
  return atEveryStep(scenario, (bench, step, isLast) => [
    ...(isLast ? [{ title: ', and all that follows', work: () => bench.killWhenDone() }] : []),
    ...(step.answered ? [] : [{ title: '', work: () => bench.killAt(step, true) }]),
    ...(step.answered || !scenario.givenUp
      ? []
      : [{ title: ', and it was given up', work: () => bench.killAndGiveUpAt(step) }]),
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

/** SIGKILL while a helper is at work, which goes on; the daemon is started, and asked again, while it does. */
export async function killWhileHelperWorks(scenario: Scenario, slow: Slow): Promise<void> {
  const bench = await Bench.open(scenario)
  try {
    await bench.killWhile(slow)
  } finally {
    await bench.close()
  }
}

/** SIGKILL of daemon and mkfs, as systemd does to all of a service, at some of mkfs's writes and each of the last. */
export function killWithMkfs(scenario: Scenario): Promise<Summary> {
  return atEveryStep(scenario, (bench, step) =>
    /end of mkfs/.test(step.label)
      ? someOf(bench.mkfsWrites).map((nth) => ({
          title: `, mkfs ended at write ${nth} of ${bench.mkfsWrites}`,
          work: () => bench.killAt(step, true, nth),
        }))
      : [],
  )
}

/** Most writes are of inode tables and bitmaps, one like the other; superblocks come last. */
function someOf(writes: number): readonly number[] {
  const onTheWay = [0.1, 0.3, 0.6, 0.9].map((part) => Math.ceil(part * writes))
  return [...new Set([1, 2, ...onTheWay, ...Array.from({ length: 6 }, (_, index) => writes - index)])]
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
  trialsAt: (bench: Bench, step: Step, isLast: boolean) => readonly Trial[],
  enumerate = (bench: Bench) => bench.enumerate(),
): Promise<Summary> {
  const begun = performance.now()
  const bench = await Bench.open(scenario)
  const faults: string[] = []
  try {
    const steps = await enumerate(bench)
    assert.ok(steps.length > 3, `only these steps were seen: ${steps.map(({ label }) => label).join('; ')}`)
    const trials = steps.flatMap((step, index) =>
      trialsAt(bench, step, index + 1 === steps.length).map(({ title, work }) => ({
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

function repeatOnce(work: () => Promise<void>) {
  return (error: unknown) => {
    if (!(error instanceof Missed)) throw error
    return work()
  }
}
