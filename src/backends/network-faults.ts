/** Faults of sockets and of HTTP as a BackendError with words an administrator can act on. */

import { BackendError, errnoOf, reasonOf } from '../errors.ts'

/** No answer came. A certificate that is refused is not such a fault: asking again would not help. */
export class NoAnswer extends BackendError {
  /** False when the array surely never got the request. */
  readonly mayBeDone: boolean

  constructor(message: string, { mayBeDone, cause }: { readonly mayBeDone: boolean; readonly cause?: unknown }) {
    super('UNREACHABLE', message, { cause })
    this.mayBeDone = mayBeDone
  }
}

/** What went wrong before there was a connection. */
export class NotConnected extends Error {}

/** @param what such as `ask 10.0.0.5:443 for ListVolumes` */
export function translate(what: string, error: unknown): BackendError {
  if (error instanceof BackendError) return error
  const mayBeDone = !(error instanceof NotConnected)
  const cause = error instanceof NotConnected ? error.cause : error
  const code = codeOf(cause)
  if (isNoHttp(cause, code)) {
    // Without its cause, which carries what was received.
    const message = `Cannot ${what}: what answers there does not speak HTTP (${reasonOf(cause)}). ${PORT}`
    return new BackendError('MALFORMED', message)
  }
  const [found, cure] = wordsOf(code, cause)
  return new NoAnswer(`Cannot ${what}: ${found}. ${cure}`, { mayBeDone, cause })
}

const PORT = 'Check the address and the port in the config.'
const NETWORK = 'Check the address in the config, the network between, and firewalls.'

function wordsOf(code: string, cause: unknown): readonly [found: string, cure: string] {
  switch (code) {
    case 'ECONNREFUSED':
      return ['the connection was refused', PORT]
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return [`there is no route to it (${code})`, NETWORK]
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return ['no connection came about in time', NETWORK]
    case 'ENOTFOUND':
      return ['its name is not known to DNS', 'Check the address in the config, and /etc/resolv.conf.']
    case 'EAI_AGAIN':
      return ['its name could not be looked up, as DNS does not answer', 'Check /etc/resolv.conf.']
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return [
        'the connection broke before the whole answer was there',
        'See whether the array is failing over, then try again.',
      ]
    case 'UND_ERR_CLOSED':
    case 'UND_ERR_DESTROYED':
      return ['the plugin has closed its connections', 'It is stopping; try again once it runs.']
    default:
      return [
        /^ERR_SSL|^EPROTO$/.test(code) ? `no TLS came about (${code})` : reasonOf(cause) || code,
        /^ERR_SSL|^EPROTO$/.test(code) ? 'Check the port, and that the array speaks TLS 1.2 or later.' : NETWORK,
      ]
  }
}

/** undici's parser does not always give a code. */
function isNoHttp(cause: unknown, code: string): boolean {
  return code === 'UND_ERR_HEADERS_OVERFLOW' || (cause instanceof Error && cause.name === 'HTTPParserError')
}

/** Of several addresses tried, the first one's. */
function codeOf(cause: unknown): string {
  const own = errnoOf(cause)
  if (own !== undefined) return own
  return cause instanceof AggregateError ? codeOf(cause.errors[0]) : ''
}
