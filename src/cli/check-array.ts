/** What the array says of the config. */

import type { Finding } from '../config/finding.ts'
import type { LoadedConfig } from '../config/load.ts'
import { DeadlineError } from '../errors.ts'
import type { Log } from '../log.ts'
import { unlessAborted } from '../retry.ts'

const PATIENCE_MS = 15_000
/** For what was found until then to be told. */
const GRACE_MS = 2_000

/** None for drivers without an array, or that cannot ask theirs. */
export async function checkArray(
  config: LoadedConfig,
  stateDirectory: string,
  patienceMs = PATIENCE_MS,
): Promise<readonly Finding[]> {
  const { definition, deletePolicy } = config
  if (!definition.checkArray) return []
  const warnings: Finding[] = []
  const [patience, grace] = [new AbortController(), new AbortController()]
  const late = new DeadlineError(
    `The array did not answer everything within ${patienceMs / 1000} s. See whether it is overloaded, or the network is.`,
  )
  const timers = [
    setTimeout(() => patience.abort(late), patienceMs),
    setTimeout(() => grace.abort(late), patienceMs + GRACE_MS),
  ]
  try {
    const settings = { config: config.config as never, deletePolicy, stateDirectory, log: collecting(warnings) }
    const checking = definition.checkArray({ ...settings, signal: patience.signal })
    const findings = await unlessAborted(checking, grace.signal)
    return [...warnings, ...findings]
  } catch (error) {
    if (error !== late) throw error
    return [...warnings, { level: 'error', subject: 'array', message: late.message }]
  } finally {
    for (const timer of timers) clearTimeout(timer)
  }
}

/** What would be warned of in the log is worth telling here, each once. */
function collecting(warnings: Finding[]): Log {
  const note = (message: string) => {
    if (!warnings.some((warning) => warning.message === message)) {
      warnings.push({ level: 'warning', subject: 'array', message })
    }
  }
  const log: Log = { debug() {}, info() {}, warn: note, error: note, child: () => log }
  return log
}
