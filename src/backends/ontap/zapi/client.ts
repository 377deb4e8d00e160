/** Calls of ONTAPI: made, checked, and repeated where that may help; lists page by page. */

import type { Context } from '../../../context.ts'
import { type BackendError, Defect, hasCode } from '../../../errors.ts'
import type { Http } from '../../http.ts'
import { NoAnswer } from '../../network-faults.ts'
import { type Again, type Repeat, repeatedly, type Tries } from '../../repeat.ts'
import type { OntapRelease } from '../ontap.ts'
import { spellingsOf } from '../svm-choice.ts'
import { malformed, type Rows } from './answer.ts'
import { askOnce, type Call, EmptyAnswer } from './ask.ts'
import { ENOSUCHSVM, hasErrno, ZapiFault } from './faults.ts'
import type { XmlFields } from './fields.ts'
import type { Input } from './xml.ts'

/** Whose things a call is about: the SVM's, or the cluster's, which only its own users may touch. */
export type Scope = 'svm' | 'cluster'

export interface Listing {
  /** Such as `volume-get-iter`. */
  readonly api: string
  /** What it calls one of its rows: `volume-attributes`. */
  readonly row: string
  /** Patterns that a row must fit; see patterns.ts. */
  readonly query?: Input
  /** Empty elements, one for each that is wanted. */
  readonly desired: Input
  readonly more?: Input
  readonly scope?: Scope
}

export interface ClientSettings extends Tries {
  readonly http: Http
  /** Of ONTAPI; see release.ts. */
  readonly version: string
  readonly release: OntapRelease
  /** Absent as long as it is looked for. */
  readonly svm?: string
  /** The LIF is one of the cluster, where calls name their SVM. */
  readonly onClusterLif?: boolean
  /** How long the end of one of the array's jobs is waited for. Absent: 15 minutes. */
  readonly jobPatienceMs?: number
}

export interface Removal<T> {
  readonly call: Call
  readonly read: (results: XmlFields) => T
  /** It is not made again, whatever the fault. */
  readonly once?: boolean
  /** Asked before it is made again: whether what is to go is there yet, and not something else under its name. */
  readonly isThere?: () => Promise<boolean>
}

/** Every call may throw BackendError or the reason of `ctx.signal`. */
export class Client {
  readonly release: OntapRelease
  readonly #settings: ClientSettings
  readonly #called: { svm: string | undefined }
  #brief: Client | undefined

  constructor(settings: ClientSettings, called: { svm: string | undefined } = { svm: settings.svm }) {
    this.#settings = settings
    this.release = settings.release
    this.#called = called
  }

  /** What the SVM is called now. */
  get svm(): string {
    const { svm } = this.#called
    if (svm === undefined) throw new Defect('Nobody has said yet which SVM is meant.')
    return svm
  }

  /** The same with few tries a call, to finish and to tidy up what nobody may be waiting for any more. */
  get brief(): Client {
    const tries = Math.min(this.#settings.tries, BRIEF_TRIES)
    this.#brief ??= new Client({ ...this.#settings, tries }, this.#called)
    return this.#brief
  }

  get jobPatienceMs(): number {
    return this.#settings.jobPatienceMs ?? JOB_PATIENCE_MS
  }

  get address(): string {
    return this.#settings.http.address
  }

  /** Makes a call and reads its results. */
  call<T>(ctx: Context, call: Call, repeat: Repeat, read: (results: XmlFields) => T): Promise<T> {
    return this.#repeatedly(ctx, repeat, async () => read(await this.#ask(ctx, call, 'svm')))
  }

  /**
   * Makes a call that answers nothing.
   *
   * @param fine faults with which it is done all the same
   */
  async run(
    ctx: Context,
    call: Call,
    repeat: Repeat,
    fine: (fault: ZapiFault) => boolean = () => false,
  ): Promise<void> {
    await this.#repeatedly(ctx, repeat, async () => {
      try {
        await this.#ask(ctx, call, 'svm')
      } catch (error) {
        if (!(error instanceof ZapiFault && fine(error))) throw error
      }
    })
  }

  /** Reads all rows of a list, page by page. */
  async list<T>(ctx: Context, listing: Listing, read: (row: XmlFields) => T): Promise<readonly T[]> {
    const all: T[] = []
    const tags = new Set<string>()
    for (let tag: string | undefined; ; ) {
      const page = await this.#repeatedly(ctx, 'freely', () => this.#page(ctx, listing, tag, read))
      for (const row of page.rows) all.push(row)
      if (page.next === undefined) return all
      if (tags.has(page.next)) throw this.#endless(listing.api, 'a "next-tag" was there before')
      tags.add(page.next)
      if (all.length > MOST_ROWS) throw this.#endless(listing.api, `more than ${MOST_ROWS} rows have come`)
      if (tags.size > MOST_PAGES) throw this.#endless(listing.api, `more than ${MOST_PAGES} have come`)
      tag = page.next
    }
  }

  /**
   * Makes a call that takes something away. When its answer was lost and the thing is not there the next time, then it
   * was taken away by the first.
   *
   * @returns undefined when somebody looked, and it is gone
   */
  remove<T>(ctx: Context, { call, read, once = false, isThere }: Removal<T>): Promise<T | undefined> {
    let tried = false
    let lost = false
    return this.#repeatedly(ctx, once ? 'once' : 'freely', async () => {
      if (tried && isThere && !(await isThere())) return undefined
      tried = true
      try {
        return read(await this.#ask(ctx, call, 'svm'))
      } catch (error) {
        if (lost && hasCode(error, 'NOT_FOUND')) return undefined
        lost ||= againOf(error) === 'unsure'
        throw error
      }
    })
  }

  async #page<T>(ctx: Context, listing: Listing, tag: string | undefined, read: (row: XmlFields) => T) {
    const { api, row, query, desired, more, scope = 'svm' } = listing
    const rows: T[] = []
    const input: Input = {
      ...more,
      ...(query && { query: { [row]: query } }),
      'desired-attributes': { [row]: desired },
      'max-records': PAGE,
      tag,
    }
    const taking: Rows = { name: row, take: (each) => rows.push(read(each)) }
    const results = await this.#ask(ctx, { api, input }, scope, taking)
    return { rows, next: results.optionalText('next-tag') }
  }

  /**
   * When a MetroCluster switches over, its SVMs get names with `-mc` behind, and lose it again afterwards. The array
   * then knows no such SVM, and the other name is tried.
   */
  async #ask(ctx: Context, call: Call, scope: Scope, rows?: Rows): Promise<XmlFields> {
    const { http, version, onClusterLif } = this.#settings
    const vfiler = scope === 'svm' && onClusterLif ? this.#called.svm : undefined
    const envelope = (name: string | undefined) => ({ version, ...(name !== undefined && { vfiler: name }) })
    try {
      return await askOnce(http, ctx, envelope(vfiler), call, rows)
    } catch (error) {
      if (vfiler === undefined || !hasErrno(error, ENOSUCHSVM)) throw error
      const [, other] = spellingsOf(vfiler)
      const results = await askOnce(http, ctx, envelope(other), call, rows)
      this.#called.svm = other
      return results
    }
  }

  #endless(api: string, found: string): BackendError {
    return malformed(`the answer of ${this.address} to ${api}`, `its pages have no end: ${found}`)
  }

  #repeatedly<T>(ctx: Context, repeat: Repeat, work: () => Promise<T>): Promise<T> {
    return repeatedly(ctx, this.#settings, repeat, againOf, work)
  }
}

/** Rows a page has at most. The array decides how many it really has. */
const PAGE = 1000

/** A cluster has some ten thousand volumes, and in fleets of qtrees some ten times as many of those. */
const MOST_ROWS = 250_000

/** Pages may be short, or empty, when the array runs out of time for one. */
const MOST_PAGES = 1_000

const BRIEF_TRIES = 3

const JOB_PATIENCE_MS = 15 * 60_000

function againOf(error: unknown): Again {
  if (error instanceof ZapiFault) return error.again
  if (error instanceof NoAnswer) return error.mayBeDone ? 'unsure' : 'later'
  return error instanceof EmptyAnswer ? 'unsure' : 'never'
}
