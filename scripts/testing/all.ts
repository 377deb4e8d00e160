/** Every check and every test, a group after the other. Says the sum in the last line. Called by scripts/test. */

import { spawnSync } from 'node:child_process'
import { relative, resolve } from 'node:path'
import { type Group, runGroup } from './group.ts'
import type { Ended, Spent } from './reporter.ts'

const root = resolve(import.meta.dirname, '../..')

const GROUPS: readonly Group[] = [
  {
    name: 'unit',
    patterns: ['test/*.test.ts', 'test/!(integration|build)/**/*.test.ts'],
    // Most of them wait for a simulated array.
    concurrency: 4,
    compileOnce: true,
    limitMinutes: 8,
  },
  {
    name: 'build',
    patterns: ['test/build/**/*.test.ts', 'test/build/reproducible.slow.ts'],
    concurrency: 1,
    limitMinutes: 5,
  },
  // One after the other: they share the kernel's loop devices, and Docker.
  { name: 'integration', patterns: ['test/integration/**/*.test.ts'], concurrency: 1, limitMinutes: 12 },
  // In virtual machines: each keeps one processor busy, which is many times slower there.
  { name: 'lab', patterns: ['test/lab/**/*.lab.ts'], concurrency: 2, limitMinutes: 40, testMinutes: 6 },
]

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

for (const group of GROUPS) {
  const begun = performance.now()
  const counts = await runGroup(root, group, say)
  passed += counts.passed
  failed += counts.failed
  skipped.push(...counts.skipped)
  const seconds = Math.round((performance.now() - begun) / 1000)
  say(`${group.name}: ${sum(counts.passed, counts.failed, counts.skipped.length)} in ${seconds} s`)
  say(`    longest: ${counts.files.slice(0, LONGEST).map(spentText).join(', ')}`)
}

for (const { name, file, reason } of skipped) say(`skipped  ${relative(root, file)}  ${name}: ${reason}`)
say(sum(passed, failed, skipped.length))
process.exitCode = failed > 0 ? 1 : 0

function spentText({ file, ms }: Spent): string {
  return `${relative(resolve(root, 'test'), file)} ${Math.round(ms / 1000)} s`
}

function sum(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
