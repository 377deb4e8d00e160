/** Runs one group of test files and counts what came of them. */

import { spawn } from 'node:child_process'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import type { Ended, Spent } from './reporter.ts'

export interface Group {
  readonly name: string
  /** As `node --test` takes them. */
  readonly patterns: readonly string[]
  /** Files that run at a time. */
  readonly concurrency: number
  readonly limitMinutes: number
  /** Files share what Node has compiled. Not where they start executables that are to begin with nothing. */
  readonly compileOnce?: boolean
  /** A test that takes longer hangs. Two minutes unless told. */
  readonly testMinutes?: number
}

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly Ended[]
  /** The longest first. */
  readonly longest: readonly Spent[]
}

const TEST_MINUTES = 2

/** Of this tree. What Node keeps there is found by its content, so it is never out of date. */
const COMPILED = 'node_modules/.cache/node'

/** Says each failure as it happens. */
export async function runGroup(root: string, group: Group, say: (line: string) => void): Promise<Counts> {
  const child = spawn(process.execPath, argumentsOf(group), {
    cwd: root,
    detached: true,
    env: { ...process.env, ...(group.compileOnce && { NODE_COMPILE_CACHE: join(root, COMPILED) }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  let late = false
  const timer = setTimeout(() => {
    late = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, group.limitMinutes * 60_000)

  const ended: Ended[] = []
  const spent = new Map<string, number>()
  for await (const line of createInterface(child.stdout)) {
    const told = parse(line)
    if (!told) say(line)
    else if ('ms' in told) spent.set(told.of, (spent.get(told.of) ?? 0) + told.ms)
    else ended.push(told)
    if (told && 'outcome' in told && told.outcome === 'failed') say(failureText(root, told))
  }
  const code = await exit
  clearTimeout(timer)

  const count = (outcome: Ended['outcome']) => ended.filter((test) => test.outcome === outcome)
  const failed = count('failed').length
  const longest = [...spent].map(([of, ms]) => ({ of, ms })).sort((a, b) => b.ms - a.ms)
  const counts = { passed: count('passed').length, skipped: count('skipped'), longest }
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

function parse(line: string): Ended | Spent | undefined {
  try {
    return JSON.parse(line) as Ended | Spent
  } catch {
    return undefined
  }
}

function failureText(root: string, { name, file, line, reason }: Ended): string {
  const place = `${relative(root, file)}:${line}`
  return `FAILED  ${place}  ${name === file ? 'the file itself' : name}\n${reason.replace(/^/gm, '    ')}`
}
