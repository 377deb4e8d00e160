/** Every check and every test, a stage after the other. Says the sum in the last line. Called by scripts/test. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { relative, resolve } from 'node:path'
import { type Group, runGroup } from './group.ts'
import type { Ended, Spent } from './reporter.ts'

const root = resolve(import.meta.dirname, '../..')

/** Groups of a stage run at the same time. */
const STAGES: readonly (readonly Group[])[] = [
  [
    {
      name: 'build',
      patterns: ['test/build/**/*.test.ts', 'test/build/reproducible.slow.ts'],
      concurrency: 1,
      limitMinutes: 5,
    },
  ],
  [
    {
      name: 'unit',
      patterns: ['test/*.test.ts', 'test/!(integration|build)/**/*.test.ts'],
      concurrency: 2,
      compileOnce: true,
      limitMinutes: 10,
    },
    // One after the other: they share the kernel's loop devices, and Docker. Mostly they wait.
    { name: 'integration', patterns: ['test/integration/**/*.test.ts'], concurrency: 1, limitMinutes: 15 },
  ],
]

/** In virtual machines: each keeps one processor busy, which is many times slower there. */
const LAB: Group = {
  name: 'lab',
  patterns: ['test/lab/**/*.lab.ts'],
  concurrency: 2,
  limitMinutes: 60,
  testMinutes: 6,
}

/** Files named with what they took, of each group. */
const LONGEST = 6

let [passed, failed] = [0, 0]
const skipped: Ended[] = []

const check = spawnSync('npm', ['run', '--silent', 'check'], { cwd: root, encoding: 'utf8' })
if (check.status !== 0) {
  failed += 1
  say(`FAILED  npm run check\n${check.stdout}${check.stderr}`)
} else {
  say('check: types, format and lint are fine')
}

const image = prepareLab()
for (const stage of STAGES) await Promise.all(stage.map(runAndTell))
await image
await runAndTell(LAB)

for (const { name, file, reason } of skipped) say(`skipped  ${relative(root, file)}  ${name}: ${reason}`)
say(sum(passed, failed, skipped.length))
process.exitCode = failed > 0 ? 1 : 0

/** Makes the image of its machines, which takes minutes, meanwhile. If that fails, the tests that need it say so. */
async function prepareLab(): Promise<void> {
  await once(spawn('scripts/lab', ['prepare'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }), 'close')
}

async function runAndTell(group: Group): Promise<void> {
  const begun = performance.now()
  const counts = await runGroup(root, group, say)
  passed += counts.passed
  failed += counts.failed
  skipped.push(...counts.skipped)
  const seconds = Math.round((performance.now() - begun) / 1000)
  say(`${group.name}: ${sum(counts.passed, counts.failed, counts.skipped.length)} in ${seconds} s`)
  say(`    longest: ${counts.longest.slice(0, LONGEST).map(spentText).join(', ')}`)
}

function spentText({ of, ms }: Spent): string {
  return `${of.replace(`${root}/test/`, '')} ${Math.round(ms / 1000)} s`
}

function sum(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
