/** What the array says of the config. */

import type { Finding } from '../config/finding.ts'
import type { LoadedConfig } from '../config/load.ts'
import { DeadlineError } from '../errors.ts'
import type { Log } from '../log.ts'

const PATIENCE_MS = 15_000

/** None for drivers without an array, or that cannot ask theirs. */
export async function checkArray(config: LoadedConfig, stateDirectory: string): Promise<readonly Finding[]> {
  const { definition, deletePolicy } = config
  if (!definition.checkArray) return []
  const warnings: Finding[] = []
  const patience = new AbortController()
  const late = new DeadlineError(
    `The array did not answer everything within ${PATIENCE_MS / 1000} s. See whether it is overloaded, or the network is.`,
  )
  const timer = setTimeout(() => patience.abort(late), PATIENCE_MS)
  try {
    const settings = { config: config.config as never, deletePolicy, stateDirectory, log: collecting(warnings) }
    const findings = await definition.checkArray({ ...settings, signal: patience.signal })
    return [...warnings, ...findings]
  } finally {
    clearTimeout(timer)
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
