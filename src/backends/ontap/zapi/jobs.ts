/** Work that the array does after it has answered. */

import type { Context } from '../../../context.ts'
import { unwaited } from '../../../context.ts'
import { BackendError, hasCode } from '../../../errors.ts'
import { sleep } from '../../../retry.ts'
import { EmptyAnswer } from './ask.ts'
import type { Client } from './client.ts'
import { faultOf } from './faults.ts'
import type { XmlFields } from './fields.ts'

/** What an asynchronous call is answered with. */
export interface Begun {
  /** `succeeded`, `in_progress`, `failed`. */
  readonly status: string
  readonly jobId?: number
  readonly errno: string
  readonly reason: string
}

export function readBegun(results: XmlFields): Begun {
  const jobId = results.optionalCount('result-jobid')
  return {
    status: results.text('result-status'),
    ...(jobId !== undefined && { jobId }),
    errno: results.optionalText('result-error-code') ?? '',
    reason: results.optionalText('result-error-message') ?? '',
  }
}

/**
 * Throws what the array says of a call that has failed in the meantime.
 *
 * @param api such as `volume-create-async`
 */
export function ensureBegun(client: Client, api: string, { status, errno, reason }: Begun): void {
  if (status === 'failed') throw faultOf({ api, address: client.address, errno, reason })
}

/**
 * Waits until the array is done. A job is forgotten some time after its end, and an SVM's own users may not see jobs on
 * every release: then what it was to bring about is looked at.
 *
 * @param done whether that has come about
 * @param unseen how long it is looked at
 * @throws BackendError with the fault that ended it
 */
export async function waitUntilDone(
  client: Client,
  ctx: Context,
  api: string,
  begun: Begun,
  done: (ctx: Context) => Promise<boolean>,
  unseen: Patience = FIVE_MINUTES,
): Promise<void> {
  ensureBegun(client, api, begun)
  if (begun.status === 'succeeded') return
  // The array is at it, whether anybody waits or not.
  const work = unwaited(ctx)
  const isSeen = begun.jobId !== undefined && !WITHOUT_JOBS.has(client)
  const end = isSeen ? await endOfJob(client, work, api, begun.jobId) : 'not seen'
  if (end === 'well') return
  const looks = end === 'gone' ? LOOKS_AFTER_ITS_END : unseen.looks
  if (await comesAbout(work, done, looks)) return
  throw end === 'gone' ? notDone(client, api, begun) : notSeen(client, api, begun, unseen)
}

/** For what has no job that can be seen. */
export interface Patience {
  readonly looks: number
  /** As it is told. */
  readonly words: string
  /** What may be amiss, as a sentence. */
  readonly hint?: string
}

/** For what only writes down how a volume is to be. */
export const HALF_A_MINUTE: Patience = {
  looks: 14,
  words: 'half a minute',
  hint: 'A policy that it is to have may not be there.',
}

/** For what may move data. */
const FIVE_MINUTES: Patience = { looks: 80, words: 'five minutes' }

/** Looks again and again: for about ten seconds, unless told otherwise. */
export async function comesAbout(
  ctx: Context,
  done: (ctx: Context) => Promise<boolean>,
  looks = LOOKS_AFTER_ITS_END,
): Promise<boolean> {
  for (let attempt = 0; !(await done(ctx)); attempt++) {
    if (attempt >= looks) return false
    await sleep(pollPauseMs(attempt), ctx.signal)
  }
  return true
}

/** Between two looks at something that takes a moment to minutes. */
export function pollPauseMs(attempt: number): number {
  return Math.min(4_000, 50 * 1.7 ** Math.min(attempt, 20))
}

/** About ten seconds: what a job has made may be seen a moment later. */
const LOOKS_AFTER_ITS_END = 9

/** Those whose user may not see jobs, and who need not ask again. */
const WITHOUT_JOBS = new WeakSet<Client>()

type End = 'well' | 'gone' | 'not seen'

/**
 * A look that fails loses nothing: there will be another.
 *
 * @throws BackendError UNREACHABLE once it has run too long; what ended it badly
 */
async function endOfJob(client: Client, ctx: Context, api: string, jobId: number): Promise<End> {
  const until = performance.now() + client.jobPatienceMs
  for (let attempt = 0; ; attempt++) {
    let job: Job | undefined
    try {
      job = await findJob(client, ctx, jobId)
    } catch (error) {
      ctx.signal.throwIfAborted()
      if (hasCode(error, 'UNAUTHORIZED')) {
        WITHOUT_JOBS.add(client)
        return 'not seen'
      }
      if (!hasCode(error, 'UNREACHABLE', 'BUSY') && !(error instanceof EmptyAnswer)) throw error
      job = { state: UNSEEN, errno: '', words: '' }
    }
    if (!job) return 'gone'
    if (job.state === 'success') return 'well'
    if (ENDED_BADLY.includes(job.state)) {
      const { errno, words } = job
      throw faultOf({
        api,
        address: client.address,
        errno,
        reason: words === '' ? `the job is in state ${job.state}` : words,
      })
    }
    const pause = pollPauseMs(attempt)
    if (performance.now() + pause > until) {
      throw new BackendError(
        'UNREACHABLE',
        `The array ${client.address} has not carried out ${api}: job ${jobId} ${job.state === UNSEEN ? 'cannot be seen' : `is still running, in state ${job.state}`}. See it with "job show" on the array.`,
      )
    }
    await sleep(pause, ctx.signal)
  }
}

const ENDED_BADLY = ['failure', 'error', 'quit', 'dead']

/** As of now nobody can tell. */
const UNSEEN = ''

interface Job {
  readonly state: string
  readonly errno: string
  readonly words: string
}

/** Jobs are the cluster's. */
async function findJob(client: Client, ctx: Context, jobId: number): Promise<Job | undefined> {
  const [job] = await client.list(
    ctx,
    {
      api: 'job-get-iter',
      row: 'job-info',
      scope: 'cluster',
      query: { 'job-id': jobId },
      desired: { 'job-id': '', 'job-state': '', 'job-status-code': '', 'job-completion': '', 'job-progress': '' },
    },
    (row) => ({
      state: row.text('job-state'),
      errno: row.optionalText('job-status-code') ?? '',
      words: row.optionalText('job-completion') ?? row.optionalText('job-progress') ?? '',
    }),
  )
  return job
}

function notDone({ address }: Client, api: string, begun: Begun): BackendError {
  return new BackendError(
    'REFUSED',
    `The array ${address} did not carry out ${api}: ${jobOf(begun)} has ended, and what it was for has not come about. See "job history show" on the array.`,
  )
}

function notSeen({ address }: Client, api: string, begun: Begun, { words, hint }: Patience): BackendError {
  return new BackendError(
    'UNREACHABLE',
    `The array ${address} has not carried out ${api} within ${words}, and may still do so: see ${jobOf(begun)} with "job show" on the array.${hint === undefined ? '' : ` ${hint}`}`,
  )
}

function jobOf({ jobId }: Begun): string {
  return jobId === undefined ? 'what it began' : `job ${jobId}`
}
