/** Node records and sessions of open-iscsi. Wraps iscsiadm(8). */

import type { Context } from '../../context.ts'
import { HostError } from '../../errors.ts'
import { backoffMs, sleep } from '../../retry.ts'
import type { Finished, Run } from '../../run.ts'
import { lastWordsOf } from '../command.ts'

/** One portal of a target, reached through one interface: what open-iscsi keeps a record of. */
export interface Node {
  readonly target: string
  /** `address:port`, IPv6 in brackets. */
  readonly portal: string
  readonly interface: string
}

/** Settings of a record by their names there, such as `node.startup`. */
export type NodeSettings = Readonly<Record<string, string>>

export interface Iscsiadm {
  /** Makes the node's record, with the defaults of iscsid.conf, or makes it anew. @throws HostError */
  create(ctx: Context, node: Node): Promise<void>

  /** Changes a record. Other users of the machine can see the values while it runs. @throws HostError */
  update(ctx: Context, node: Node, settings: NodeSettings, secrets: readonly string[]): Promise<void>

  /** Being logged in already is fine. @throws HostError COMMAND_FAILED, whose message says what to do; TOOL_MISSING */
  login(ctx: Context, node: Node): Promise<void>

  /** Ends a session; one that is gone is fine. @throws HostError */
  logout(ctx: Context, sid: number): Promise<void>

  /** Removes the records of a target that has no session; none is fine. @throws HostError */
  forget(ctx: Context, target: string): Promise<void>
}

export function iscsiadm(run: Run): Iscsiadm {
  const nodeArgs = (node: Node) => ['-m', 'node', '-T', node.target, '-p', node.portal, '-I', node.interface]

  return {
    async create(ctx, node) {
      const finished = await insist(ctx, (options) => run(ctx, 'iscsiadm', [...nodeArgs(node), '-o', 'new'], options))
      if (finished.exitCode !== 0) throw notRecorded(node, finished)
    },

    async update(ctx, node, settings, secrets) {
      for (const [name, value] of Object.entries(settings)) {
        const args = [...nodeArgs(node), '-o', 'update', '-n', name, '-v', value]
        const finished = await insist(ctx, (options) => run(ctx, 'iscsiadm', args, { ...options, secrets }))
        if (finished.exitCode !== 0) throw notRecorded(node, finished)
      }
    },

    async login(ctx, node) {
      const args = [...nodeArgs(node), '--login']
      const limited = { timeoutMs: LOGIN_LIMIT_MS }
      const finished = await insist(ctx, (options) => run(ctx, 'iscsiadm', args, { ...options, ...limited }))
      if (finished.exitCode === 0 || finished.exitCode === EXIT.sessionExists) return
      throw loginRefused(node, finished)
    },

    async logout(ctx, sid) {
      const args = ['-m', 'session', '-r', `${sid}`, '--logout']
      const finished = await insist(ctx, (options) => run(ctx, 'iscsiadm', args, options))
      if (GONE.includes(finished.exitCode)) return
      throw new HostError(
        'COMMAND_FAILED',
        `Cannot log out of iSCSI session ${sid}: ${reasonIn(finished)}. ${adviceOn(finished.exitCode, 'The portal')}`,
      )
    },

    async forget(ctx, target) {
      const args = ['-m', 'node', '-T', target, '-o', 'delete']
      const finished = await insist(ctx, (options) => run(ctx, 'iscsiadm', args, options))
      if (GONE.includes(finished.exitCode)) return
      throw new HostError(
        'COMMAND_FAILED',
        `Cannot remove the node records of ${target}: ${reasonIn(finished)}. They hold the CHAP secret; remove them with "iscsiadm -m node -T ${target} -o delete".`,
      )
    },
  }
}

/** What iscsiadm ends with. @see include/iscsi_err.h in open-iscsi */
const EXIT = {
  sessionNotFound: 2,
  transport: 4,
  login: 5,
  /** The database of records: another iscsiadm had it, or the record is missing. */
  database: 6,
  invalid: 7,
  transportTimeout: 8,
  pduTimeout: 11,
  noTransport: 12,
  notPermitted: 13,
  sessionExists: 15,
  daemonFault: 18,
  fatalLogin: 19,
  daemonMissing: 20,
  noObjects: 21,
  notAuthorized: 24,
  busy: 28,
  tryAgain: 29,
  daemonTimeout: 33,
} as const

const GONE: readonly number[] = [0, EXIT.sessionNotFound, EXIT.noObjects]

/** Every code it knows is an answer here, and its meaning decided on. 1 is anything else. */
const ANSWERS = Array.from({ length: 40 }, (_, code) => code)

/** iscsid itself gives up after the record's login_timeout, as often as initial_login_retry_max says. */
const LOGIN_LIMIT_MS = 60_000

/** Runs it again where another iscsiadm was in the way. */
async function insist(
  ctx: Context,
  attempt: (options: { accept: readonly number[] }) => Promise<Finished>,
): Promise<Finished> {
  for (let tried = 0; ; tried++) {
    const finished = await attempt({ accept: ANSWERS })
    if (tried >= (RETRIES[finished.exitCode] ?? 0)) return finished
    await sleep(backoffMs(tried, 1_000), ctx.signal)
  }
}

const RETRIES: Readonly<Record<number, number>> = { [EXIT.database]: 1, [EXIT.busy]: 5, [EXIT.tryAgain]: 5 }

function notRecorded(node: Node, finished: Finished): HostError {
  const unknown = node.interface !== 'default' && /iface/i.test(finished.stderr)
  const advice = unknown
    ? `There is no interface "${node.interface}": "iscsiadm -m iface" lists those there are. Set "InitiatorIFace" to one of them, or to "default".`
    : adviceOn(finished.exitCode, node.portal)
  return new HostError(
    'COMMAND_FAILED',
    `Cannot make the node record of ${node.target} at ${node.portal}: ${reasonIn(finished)}. ${advice}`,
  )
}

function loginRefused(node: Node, finished: Finished): HostError {
  return new HostError(
    'COMMAND_FAILED',
    `Cannot log in to ${node.target} at ${node.portal}: ${reasonIn(finished)}. ${adviceOn(finished.exitCode, node.portal)}`,
  )
}

/** Of its several lines the one that matters: `initiator reported error (24 - iSCSI login failed due to …)`. */
function reasonIn(finished: Finished): string {
  const reason = /initiator reported error \(\d+ - (.+)\)/.exec(finished.stderr)?.[1]
  return `${reason ?? lastWordsOf(finished)} (iscsiadm exit code ${finished.exitCode})`
}

/** What to do about an exit code. */
function adviceOn(exitCode: number, portal: string): string {
  switch (exitCode) {
    case EXIT.transport:
    case EXIT.transportTimeout:
    case EXIT.pduTimeout:
      return `${portal} does not answer: see whether this machine reaches that address over its storage network, and whether the port is open.`
    case EXIT.notAuthorized:
      return 'The array refused the CHAP user or its secret. Compare the account ("TenantName" for solidfire-san) and its initiator secret with the array; trying again does not help.'
    case EXIT.login:
    case EXIT.fatalLogin:
      return 'The array refused the login. See whether the volume exists there, is online, and lets this initiator in; "journalctl -u iscsid" has its reason.'
    case EXIT.database:
      return 'Another iscsiadm holds the database of node records, or it cannot be written. Try again.'
    case EXIT.noTransport:
      return 'The kernel has no iSCSI: run "modprobe iscsi_tcp", and install the kernel\'s extra modules if that fails.'
    case EXIT.notPermitted:
      return 'It has to run as root.'
    case EXIT.daemonFault:
    case EXIT.daemonMissing:
    case EXIT.daemonTimeout:
      return 'iscsid does not answer: start it with "systemctl start iscsid", and see "journalctl -u iscsid".'
    case EXIT.noObjects:
      return 'The record went away meanwhile. Try again.'
    case EXIT.busy:
    case EXIT.tryAgain:
      return 'iscsid was busy all the time. Try again.'
    default:
      return 'See "journalctl -u iscsid" for its reason.'
  }
}
