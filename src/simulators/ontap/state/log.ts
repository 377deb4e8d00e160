/** The event log. */

export interface LogEntry {
  readonly at: number
  /** UUID of the SVM whose user wrote it. */
  readonly svm: string
  readonly computer: string
  readonly source: string
  readonly version: string
  readonly category: string
  readonly description: string
  readonly eventId: number
  readonly severity: string
  readonly autosupport: boolean
}
