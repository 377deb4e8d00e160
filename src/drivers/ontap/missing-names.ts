/** Options that name what an administrator has to have made in the SVM, told of when the array refuses a volume. */

import { BackendError, hasCode } from '../../errors.ts'
import type { NasOptions } from './nas-options.ts'

/** By the commands that list what there is. */
const SHOWN_BY = {
  snapshotPolicy: 'volume snapshot policy show',
  exportPolicy: 'vserver export-policy show',
  qosPolicy: 'qos policy-group show',
  adaptiveQosPolicy: 'qos adaptive-policy-group show',
} as const

type Naming = Partial<Pick<NasOptions, keyof typeof SHOWN_BY>>

/** Every SVM has them. */
const BUILT_IN = ['none', 'default']

/**
 * The same error; of a refusal with the options it may be about. The array's words for that differ from release to
 * release, and never are those of the options.
 */
export function withNamesOf(error: unknown, options: Naming, svm: string): unknown {
  const names = Object.keys(SHOWN_BY) as (keyof typeof SHOWN_BY)[]
  const given = names.filter((name) => options[name] !== undefined && !BUILT_IN.includes(options[name]))
  if (!hasCode(error, 'REFUSED') || given.length === 0) return error
  const told = given.map((name) => `"${name}" is ${JSON.stringify(options[name])} (see "${SHOWN_BY[name]}")`)
  return new BackendError(
    'REFUSED',
    `${error.message} SVM ${svm} needs to have what options name: ${told.join(', ')}.`,
    {
      cause: error,
    },
  )
}
