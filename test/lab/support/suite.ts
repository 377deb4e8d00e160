/** Tests that share machines, from their start to their end whatever happens. */

import { after, afterEach, suite, type TestContext, test } from 'node:test'
import { whyNoLab } from './image.ts'
import { freeLanPort, type LabMachine, startMachine } from './machine.ts'

/** Tests on one machine, which nothing has been done to before. */
export function labSuite(title: string, define: (machine: LabMachine) => void): void {
  labSuiteOf(1, title, ([machine]) => define(machine!))
}

/** Tests on machines that reach each other. */
export function labSuiteOf(nodes: 1 | 2 | 3, title: string, define: (machines: readonly LabMachine[]) => void): void {
  const skip = whyNoLab()
  if (skip) return void test(title, { skip })
  suite(title, { timeout: SUITE_MS }, async () => {
    const machines = await startAll(nodes)
    after(() => Promise.all(machines.map((machine) => machine.end())))
    afterEach((t) => explain(t as TestContext, machines))
    define(machines)
  })
}

/** Without one of its own, a suite has no more time than a test. */
const SUITE_MS = 1_500_000

async function startAll(nodes: number): Promise<readonly LabMachine[]> {
  const lan = nodes > 1 ? { lanPort: await freeLanPort() } : {}
  const starts = Array.from({ length: nodes }, (_, index) => startMachine({ node: index + 1, ...lan }))
  const settled = await Promise.allSettled(starts)
  const machines = settled.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
  const failure = settled.find((start) => start.status === 'rejected')
  if (!failure) return machines
  await Promise.all(machines.map((machine) => machine.end()))
  throw failure.reason
}

/** A failure is told with what the machines have logged, whoever prints it. */
async function explain(t: TestContext, machines: readonly LabMachine[]): Promise<void> {
  // Node has it, and its types do not.
  const cause = (t as { error?: Error }).error?.cause
  if (!(cause instanceof Error)) return
  for (const machine of machines) cause.stack += `\n\nOn ${machine.name}:\n${await machine.logs()}`
}
