/** The event log. */

import type { LogEntry } from '../state/log.ts'
import type { OntapArray } from '../state.ts'

const MOST_ENTRIES = 1000

export function writeLog({ log }: OntapArray, entry: LogEntry): void {
  log.push(entry)
  if (log.length > MOST_ENTRIES) log.splice(0, log.length - MOST_ENTRIES)
}
