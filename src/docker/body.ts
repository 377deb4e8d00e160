/** A request's body: text to what the route's schema describes. */

import { RequestError, reasonOf } from '../errors.ts'
import { compile } from '../validate.ts'
import type { Route } from './routes.ts'

/** @throws RequestError REQUEST_INVALID */
export function readBody(route: Route, text: string): unknown {
  let body: unknown
  try {
    body = text.trim() === '' ? {} : JSON.parse(text)
  } catch (error) {
    throw new RequestError('REQUEST_INVALID', `The body of ${route.verb} is not JSON: ${reasonOf(error)}.`)
  }
  const [fault] = compile(route.body)(body)
  if (!fault) return body
  const where = fault.path === '' ? 'It' : fault.path.slice(1).replaceAll('/', '.')
  throw new RequestError(
    'REQUEST_INVALID',
    `The body of ${route.verb} is not what Docker sends: ${where} ${fault.message}.`,
  )
}
