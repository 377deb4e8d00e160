/** Errors as ONTAP's REST API has them: a status of HTTP, and a number of its own as text. */

export class RestError extends Error {
  readonly status: number
  readonly code: string
  readonly target: string | undefined

  constructor(status: number, code: number | string, message: string, target?: string) {
    super(message)
    this.name = 'RestError'
    this.status = status
    this.code = String(code)
    this.target = target
  }
}

export const noSuchEntry = () => new RestError(404, 4, "entry doesn't exist")

export const noSuchApi = () => new RestError(404, 3, 'API not found')

export const wrongMethod = () => new RestError(405, 3, 'Method not allowed')

export const notAllowed = () => new RestError(403, 6, 'not authorized for that command')

export const unexpected = (name: string) => new RestError(400, 262_179, `Unexpected argument "${name}".`, name)

export const badValue = (field: string, value: unknown, wanted: string) =>
  new RestError(400, 262_197, `The value "${String(value)}" is invalid for field "${field}" (<${wanted}>)`, field)

export const missing = (field: string) => new RestError(400, 262_177, `Missing required field "${field}".`, field)

export const badJson = () => new RestError(400, 262_199, 'Invalid JSON input, an unexpected token was found.')

export const noSvm = (svm: string) => new RestError(400, 2_621_462, `SVM "${svm}" does not exist.`, 'svm.name')
