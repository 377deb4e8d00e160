/** Logging in to a target, on as many of its portals as answer, and out of it. */

import type { Context } from '../../context.ts'
import { HostError, hasCode, reasonOf } from '../../errors.ts'
import type { IscsiPublication } from '../../publication.ts'
import { isInUse } from './in-use.ts'
import type { NodeSettings } from './iscsiadm.ts'
import { isMultipathdRunning } from './multipath.ts'
import { ensureRecord, hasRecords, removeDrafts } from './node-record.ts'
import { parsePortal, printPortal, samePortal } from './portal.ts'
import { hasLuns } from './scsi.ts'
import { isLoggedIn, readSessions, type Session } from './sessions.ts'
import { poll } from './sysfs.ts'
import type { IscsiTools } from './tools.ts'

/**
 * Logs in on every portal that has no session yet. One that answers is enough; what the others say is a warning.
 *
 * @returns the sessions that are logged in: at least one
 * @throws HostError COMMAND_FAILED | TOOL_MISSING | STATE_UNWRITABLE
 */
export async function logIn(
  tools: IscsiTools,
  ctx: Context,
  publication: IscsiPublication,
): Promise<readonly Session[]> {
  const { target, portals } = publication
  const before = await readSessions(tools.places, target)
  const missing = portals.filter((portal) => !before.some((session) => isLoggedIn(session) && isOn(session, portal)))
  const failures = missing.length === 0 ? [] : await logInOnEach(tools, ctx, publication, missing, before)

  const sessions = (await readSessions(tools.places, target)).filter(isLoggedIn)
  if (sessions.length === 0) throw combined(target, failures)
  for (const { portal, reason } of failures) {
    ctx.log.warn('A portal cannot be used; the others are.', { target, portal, reason: reasonOf(reason) })
  }
  return sessions
}

/**
 * Logs out of those sessions of the target that bring nothing any more, and removes its records once none is left.
 *
 * @param all also those that still have LUNs, unless somebody uses one
 */
export async function logOut(
  { iscsiadm, places }: IscsiTools,
  ctx: Context,
  target: string,
  { all }: { all: boolean },
): Promise<void> {
  for (const session of await readSessions(places, target)) {
    if (all ? await isInUse(places, session) : await hasLuns(session)) continue
    await iscsiadm.logout(ctx, session.sid)
  }
  if ((await readSessions(places, target)).length > 0) return
  try {
    if (await hasRecords(places, target)) await iscsiadm.forget(ctx, target)
    await removeDrafts(places, target)
  } catch (error) {
    if (ctx.signal.aborted) throw error
    ctx.log.warn('Logged out, but a node record stays behind.', { target, reason: reasonOf(error) })
  }
}

function isOn(session: Session, portal: string): boolean {
  return session.portal !== undefined && samePortal(session.portal, parsePortal(portal))
}

interface Record {
  readonly settings: NodeSettings
  readonly secrets: readonly string[]
}

/** What went wrong with a portal. */
interface Failure {
  readonly portal: string
  readonly reason: unknown
}

async function logInOnEach(
  tools: IscsiTools,
  ctx: Context,
  publication: IscsiPublication,
  portals: readonly string[],
  before: readonly Session[],
): Promise<readonly Failure[]> {
  const record = { settings: await settingsFor(tools, publication), secrets: secretsOf(publication) }
  const results = await Promise.allSettled(
    portals.map((portal) => logInOn(tools, ctx, publication, portal, record, before)),
  )
  ctx.signal.throwIfAborted()
  return results.flatMap((result, index) =>
    result.status === 'rejected' ? [{ portal: portals[index]!, reason: result.reason }] : [],
  )
}

async function logInOn(
  tools: IscsiTools,
  ctx: Context,
  publication: IscsiPublication,
  portal: string,
  record: Record,
  before: readonly Session[],
): Promise<void> {
  const { target } = publication
  const lost = before.find((session) => isOn(session, portal))
  if (lost && (await hasReturned(tools, ctx, lost))) return
  if (lost) await dropLost(tools, ctx, lost, portal)

  const node = { target, portal: printPortal(parsePortal(portal)), interface: publication.interface }
  await ensureRecord(tools, ctx, node, record)
  await tools.iscsiadm.login(ctx, node)
  if (await hasReturned(tools, ctx, { target, portal: parsePortal(portal) })) return
  throw new HostError('DEVICE_MISSING', `Logged in to ${target} at ${portal}, but the session does not come up.`)
}

/** A session that is lost comes back by itself once the portal answers: iscsid tries again and again. */
async function hasReturned(
  { places, patience }: IscsiTools,
  ctx: Context,
  { target, portal }: Pick<Session, 'target' | 'portal'>,
): Promise<boolean> {
  const limits = { pollMs: patience.pollMs, limitMs: patience.reconnectMs }
  const found = await poll(ctx, limits, async () => {
    const sessions = (await readSessions(places, target)).filter(isLoggedIn)
    return sessions.find((session) => portal && session.portal && samePortal(session.portal, portal))
  })
  return found !== undefined
}

/**
 * Ends a session that does not come back, so that a new one can be made: its portal may have moved, or its secret
 * changed. Not while somebody uses it, who may yet get through.
 */
async function dropLost({ iscsiadm, places }: IscsiTools, ctx: Context, lost: Session, portal: string): Promise<void> {
  if (await isInUse(places, lost)) {
    throw new HostError(
      'DEVICE_MISSING',
      `The session ${lost.sid} with ${lost.target} at ${portal} was lost (${lost.state}) and does not come back, and a disk of it is in use. See whether this machine reaches the portal; the session comes back by itself then.`,
    )
  }
  await iscsiadm.logout(ctx, lost.sid)
}

function combined(target: string, failures: readonly Failure[]): unknown {
  if (failures.length === 0) {
    return new HostError(
      'DEVICE_MISSING',
      `The session with ${target} ended again at once. See whether the array has the volume online, and "journalctl -u iscsid".`,
    )
  }
  // What is wrong with this machine is the same for every portal.
  const own = failures.find(({ reason }) => !hasCode(reason, 'COMMAND_FAILED'))
  const [first, ...others] = failures as [Failure, ...Failure[]]
  if (own || others.length === 0) return (own ?? first).reason
  return new HostError(
    'COMMAND_FAILED',
    `${reasonOf(first.reason)}. Nor could it on the target's other portals: ${others.map(({ portal }) => portal).join(', ')}.`,
    { cause: first.reason },
  )
}

/**
 * What a record needs beyond iscsid's defaults.
 *
 * Nothing is logged in to at boot, and no LUN comes here unasked. A login ends while Docker still waits: a portal that
 * is dead is given up after LOGIN_SECONDS.
 */
async function settingsFor({ places }: IscsiTools, { portals, chap }: IscsiPublication): Promise<NodeSettings> {
  const hasSpare = portals.length > 1 && (await isMultipathdRunning(places))
  return {
    'node.startup': 'manual',
    'node.conn[0].startup': 'manual',
    'node.session.scan': 'manual',
    'node.session.initial_login_retry_max': '1',
    'node.conn[0].timeo.login_timeout': `${LOGIN_SECONDS}`,
    'node.session.timeo.replacement_timeout': `${hasSpare ? SPARE_PATH_SECONDS : ONLY_PATH_SECONDS}`,
    ...(chap && {
      'node.session.auth.authmethod': 'CHAP',
      'node.session.auth.username': chap.user,
      'node.session.auth.password': chap.secret.reveal(),
      'node.session.auth.username_in': '',
      'node.session.auth.password_in': '',
    }),
  }
}

const LOGIN_SECONDS = 10

/**
 * After this, I/O on a lost session fails, which takes a filesystem down for good. An array that moves a volume to
 * another node, or restarts one, is back well before; so the only path waits as long as open-iscsi's default.
 */
const ONLY_PATH_SECONDS = 120

/** With another path at hand, multipathd should hear of it soon; it sets its own value (fast_io_fail_tmo) as well. */
const SPARE_PATH_SECONDS = 5

function secretsOf({ chap }: IscsiPublication): readonly string[] {
  return chap ? [chap.secret.reveal()] : []
}
