/** Whatever is put into a log line, as plain values. Nothing a caller logs may make logging fail. */

import { inspect } from 'node:util'
import { Defect, PluginError } from '../errors.ts'

/** Text, a number, a boolean, null, or lists and objects of such; undefined when there is nothing to say. */
export function plain(value: unknown): unknown {
  if (value instanceof Error) return wordsOf(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return scalar(value)
  try {
    return JSON.parse(JSON.stringify(value, replace))
  } catch {
    return inspect(value, { breakLength: Number.POSITIVE_INFINITY })
  }
}

/** Our errors say all in their message; of any other, and of a Defect, the stack is wanted, with its causes. */
function wordsOf(error: Error): string {
  if (error instanceof PluginError && !(error instanceof Defect)) return error.message
  return inspect(error)
}

function scalar(value: unknown): unknown {
  return typeof value === 'symbol' || typeof value === 'function' ? inspect(value) : value
}

function replace(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  return typeof value === 'object' ? value : plain(value)
}
