/** How the bundle becomes running code: the same way when it is warmed up and inside the executable. */

import { Script } from 'node:vm'

/** What the bundle is wrapped in; the value of its last expression is this function. */
export type App = (require: NodeJS.Require) => void

export const APP_PROLOGUE = '(function (require) {'
export const APP_EPILOGUE = '})'

/** The name stack traces show. Lines and columns are those of dist/netappdvp.cjs of the same build. */
const FILENAME = 'netappdvp.cjs'

/** V8 takes cached data only for a source of the same length, compiled in the same way, by the same V8 and flags. */
export function appScript(source: string, cachedData?: Buffer): Script {
  return new Script(source, { filename: FILENAME, ...(cachedData && { cachedData }) })
}
