/** Runs one group of test files and counts what came of them. */

import { spawn } from 'node:child_process'
import { relative } from 'node:path'
import { createInterface } from 'node:readline'
import type { Ended } from './reporter.ts'

export interface Group {
  readonly name: string
  /** As `node --test` takes them. */
  readonly patterns: readonly string[]
  /** Files that run at a time. */
  readonly concurrency: number
  readonly limitMinutes: number
  /** A test that takes longer hangs. Two minutes unless told. */
  readonly testMinutes?: number
}

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly Ended[]
}

const TEST_MINUTES = 2

/** Says each failure as it happens. */
export async function runGroup(root: string, group: Group, say: (line: string) => void): Promise<Counts> {
  const child = spawn(process.execPath, argumentsOf(group), {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  let late = false
  const timer = setTimeout(() => {
    late = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, group.limitMinutes * 60_000)

  const ended: Ended[] = []
  for await (const line of createInterface(child.stdout)) {
    const test = parse(line)
    if (!test) say(line)
    if (test) ended.push(test)
    if (test?.outcome === 'failed') say(failureText(root, test))
  }
  const code = await exit
  clearTimeout(timer)

  const count = (outcome: Ended['outcome']) => ended.filter((test) => test.outcome === outcome)
  const failed = count('failed').length
  const counts = { passed: count('passed').length, skipped: count('skipped') }
  if (late) say(`FAILED  ${group.name}: not done after ${group.limitMinutes} minutes, and killed`)
  else if (code !== 0 && failed === 0) say(`FAILED  ${group.name}: node --test ended with ${code}`)
  return { ...counts, failed: code === 0 && !late ? failed : Math.max(failed, 1) + (late && failed > 0 ? 1 : 0) }
}

function argumentsOf({ patterns, concurrency, testMinutes = TEST_MINUTES }: Group): readonly string[] {
  return [
    '--test',
    `--test-timeout=${testMinutes * 60_000}`,
    `--test-concurrency=${concurrency}`,
    '--test-reporter=./scripts/testing/reporter.ts',
    ...patterns,
  ]
}

function parse(line: string): Ended | undefined {
  try {
    return JSON.parse(line) as Ended
  } catch {
    return undefined
  }
}

function failureText(root: string, { name, file, line, reason }: Ended): string {
  const place = `${relative(root, file)}:${line}`
  return `FAILED  ${place}  ${name === file ? 'the file itself' : name}\n${reason.replace(/^/gm, '    ')}`
}
