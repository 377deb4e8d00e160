/** What a test has asked to go wrong, and how often. */

export interface ScheduledFault {
  /** One of `KINDS`, a status of HTTP, or else the array's own name for an error. */
  readonly kind: string
  /** The operation it befalls; `*` for every one. */
  readonly operation: string
  /** How often it is still to happen. */
  left: number
}

/**
 * Faults that are not an error of the array's own:
 *
 * - `hang`: no answer, ever; the call is not done
 * - `hold`: the call waits until the faults are cleared, and is then done
 * - `reset`: the connection is reset; the call is not done
 * - `lost`: the call is done, then the connection is dropped
 * - `half`: the call is done, and the connection is dropped in the middle of the answer
 * - `truncated`: the call is done; the answer is whole for HTTP, but its text is cut
 * - `wrong-id`: the call is done; the answer is for another request
 * - `html`, `empty`, `null`: status 200 with a page, with nothing, with the text `null`; the call is not done
 *
 * Three digits are a status, with a page; the call is not done.
 */
export const KINDS: readonly string[] = [
  'hang',
  'hold',
  'reset',
  'lost',
  'half',
  'truncated',
  'wrong-id',
  'html',
  'empty',
  'null',
]

/** What errors of its own an array has, for faults that are one of them. */
export interface OwnErrors {
  /** Whether it could be the array's name for an error. */
  readonly known: (name: string) => boolean
  /** In words, as an example. */
  readonly example: string
}

export class FaultSchedule {
  readonly #own: OwnErrors
  #faults: ScheduledFault[] = []
  #waiting: (() => void)[] = []

  constructor(own: OwnErrors) {
    this.#own = own
  }

  /** Adds what `NAME:OPERATION:COUNT` says; without a count it happens until it is cleared. @throws RangeError */
  add(text: string): void {
    this.#faults.push(parseFault(text, this.#own))
  }

  /** Also lets calls go that are held. */
  clear(): void {
    this.#faults = []
    for (const release of this.#waiting.splice(0)) release()
  }

  /** The first fault that befalls `operation`, which then happens once less. */
  take(operation: string): string | undefined {
    const fault = this.#faults.find((fault) => fault.left > 0 && ['*', operation].includes(fault.operation))
    if (!fault) return undefined
    fault.left -= 1
    return fault.kind
  }

  /** Resolves when the faults are cleared. */
  cleared(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

/** An operation is a method, as GetLimits or volume-create, or for REST a verb and a path. @throws RangeError */
export function parseFault(text: string, own: OwnErrors): ScheduledFault {
  const [, kind, operation, count] = FAULT.exec(text) ?? []
  if (kind !== undefined && operation !== undefined && isKind(kind, own)) {
    return { kind, operation, left: count === undefined ? Number.POSITIVE_INFINITY : Number(count) }
  }
  throw new RangeError(
    `"${text}" is no fault. Write NAME:METHOD or NAME:METHOD:COUNT, METHOD "*" for every one, and as NAME an error of the array (${own.example}), a status (503), or one of ${KINDS.join(', ')}.`,
  )
}

const FAULT = /^([A-Za-z0-9-]+):([A-Za-z][A-Za-z0-9-]*|[A-Z]+ \/[\w./{}-]+|\*)(?::([1-9]\d{0,8}))?$/

function isKind(kind: string, own: OwnErrors): boolean {
  return KINDS.includes(kind) || isStatus(kind) || own.known(kind)
}

export function isStatus(kind: string): boolean {
  return /^[45]\d\d$/.test(kind)
}
