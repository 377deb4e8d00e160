/** One call of ONTAP's REST API. */

import { Defect } from '../../../errors.ts'
import { type Query, written } from './query.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/api`, with a name in braces for each key: `/storage/volumes/{uuid}`. This is logged and counted. */
  readonly path: string
  readonly keys?: Readonly<Record<string, string | number>>
  readonly query?: Query
  readonly body?: object
  /** The array makes a job of it, whose end is waited for, or which is left to it. */
  readonly job?: 'awaited' | 'begun'
}

/** The word for the call in logs and counts. */
export function operationOf({ method, path }: Call): string {
  return `${method} ${path}`
}

/** `/api/storage/volumes/9f1e…?fields=name` */
export function targetOf(call: Call): string {
  const { path, keys = {}, query = {} } = call
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const key = String(keys[name] ?? '')
    // Without one the call would be about all there are: DELETE, too.
    if (NO_KEY.test(key)) throw new Defect(`${operationOf(call)} cannot be made with ${name} "${key}".`)
    return encodeURIComponent(key)
  })
  return `/api${filled}${written(query)}`
}

/** Empty, or a part that leads elsewhere. */
const NO_KEY = /^\.{0,2}$/
