/** What either dialect is opened with. connect.ts chooses; `rest/open.ts` and `zapi/open.ts` open. */

import type { Log } from '../../log.ts'
import type { Http } from '../http.ts'
import type { OntapRelease } from './ontap.ts'

export interface DialectParts {
  readonly http: Http
  readonly release: OntapRelease
  /** As the config names it; absent: the only data SVM that can be seen. */
  readonly svm?: string
  /** How often a call is made at most. */
  readonly tries: number
  /** Before the second try; doubles from try to try. */
  readonly firstPauseMs: number
  readonly log: Log
  readonly signal: AbortSignal
}
