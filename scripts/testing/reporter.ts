/**
 * A reporter for `node --test` that scripts/test reads: one JSON object a line, for each test that ended and for what it took.
 *
 * Suites count only where they fail or are skipped by themselves; tests within them count anyway.
 */

import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

export interface Ended {
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly name: string
  readonly file: string
  readonly line: number
  /** Why it failed, or was skipped. */
  readonly reason: string
}

/** What a file's outermost tests took, together. */
export interface Spent {
  /** The file; the title, where another file defines the test. */
  readonly of: string
  readonly ms: number
}

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const words = new Map<string, string>()
  for await (const event of events) {
    if (event.type === 'test:stderr')
      words.set(event.data.file, (words.get(event.data.file) ?? '') + event.data.message)
    for (const line of [endedIn(event, words), spentIn(event)]) if (line) yield `${JSON.stringify(line)}\n`
  }
}

function endedIn(event: TestEvent, words: ReadonlyMap<string, string>): Ended | undefined {
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return undefined
  const { name, file = '', line = 0, skip, details } = event.data
  const isSuite = details.type === 'suite'
  if (skip !== undefined) return { outcome: 'skipped', name, file, line, reason: String(skip) }
  if (event.type === 'test:pass') return isSuite ? undefined : { outcome: 'passed', name, file, line, reason: '' }

  const { cause, failureType } = event.data.details.error as Error & { readonly failureType?: string }
  if (failureType === 'subtestsFailed') return undefined
  const said = failureType === 'testCodeFailure' && name === file ? `\n${tail(words.get(file) ?? '')}` : ''
  const reason = typeof cause === 'string' ? cause : inspect(cause, { depth: 3 })
  return { outcome: 'failed', name, file, line, reason: reason + said }
}

/** Others hold what several of them run. */
const TEST_FILE = /\.(?:test|lab|slow)\.ts$/

function spentIn(event: TestEvent): Spent | undefined {
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return undefined
  const { name, file, nesting, details } = event.data
  if (file === undefined || nesting !== 0) return undefined
  return { of: TEST_FILE.test(file) ? file : name, ms: details.duration_ms }
}

const LAST_LINES = 40

function tail(text: string): string {
  return text.trimEnd().split('\n').slice(-LAST_LINES).join('\n')
}
