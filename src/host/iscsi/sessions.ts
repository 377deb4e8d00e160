/** Sessions this machine has, from sysfs. */

import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Places } from './places.ts'
import type { Portal } from './portal.ts'
import { namesIn, readAttribute } from './sysfs.ts'

export interface Session {
  readonly sid: number
  readonly target: string
  /** `LOGGED_IN`, `FAILED` while the kernel waits for it to come back, `FREE` once it has given up waiting. */
  readonly state: string
  /** Where it logged in; an array may have redirected it from there. Undefined while it has no connection. */
  readonly portal: Portal | undefined
  /** Number of its SCSI host. */
  readonly host: number
  /** Its SCSI target: `channel id`, as a scan of the host wants them. */
  readonly scsiTarget: string
  /** In sysfs; has a directory `targetH:C:T` with its LUNs. */
  readonly directory: string
}

/** Sessions with `target`, of whatever state; one a portal, as a rule. */
export async function readSessions({ sys }: Places, target: string): Promise<readonly Session[]> {
  const names = await namesIn(sys, 'class/iscsi_session')
  const sessions = await Promise.all(names.map((name) => readSession(sys, name)))
  return sessions.filter((session) => session?.target === target) as readonly Session[]
}

export function isLoggedIn({ state }: Session): boolean {
  return state === 'LOGGED_IN'
}

/** Undefined for one that ends just now. */
async function readSession(sys: string, name: string): Promise<Session | undefined> {
  const entry = join(sys, 'class/iscsi_session', name)
  const directory = await realpath(join(entry, 'device')).catch(() => undefined)
  const [target, state] = await Promise.all([readAttribute(entry, 'targetname'), readAttribute(entry, 'state')])
  if (directory === undefined || target === undefined || state === undefined) return undefined

  const sid = numberIn(name, 'session')
  const portal = await persistentPortal(sys, sid)
  const host = numberIn(basename(dirname(directory)), 'host')
  return { sid, target, state, portal, host, scsiTarget: await scsiTargetOf(entry, directory), directory }
}

/** The portal that was asked for; the current one differs where the array redirects. */
async function persistentPortal(sys: string, sid: number): Promise<Portal | undefined> {
  const connections = await namesIn(sys, 'class/iscsi_connection')
  const name = connections.find((name) => name.startsWith(`connection${sid}:`))
  if (name === undefined) return undefined
  const entry = join(sys, 'class/iscsi_connection', name)
  const address = await readAttribute(entry, 'persistent_address')
  const port = await readAttribute(entry, 'persistent_port')
  return address === undefined || port === undefined ? undefined : { address, port: Number(port) }
}

/** Software iSCSI has one session a host and target 0; offload adapters have several, each of its own number. */
async function scsiTargetOf(entry: string, directory: string): Promise<string> {
  const named = (await namesIn(directory)).map((name) => /^target\d+:(\d+):(\d+)$/.exec(name)).find((match) => match)
  if (named) return `${named[1]} ${named[2]}`
  const id = await readAttribute(entry, 'target_id')
  return `0 ${id !== undefined && /^\d+$/.test(id) ? id : 0}`
}

function numberIn(name: string, prefix: string): number {
  return Number(name.slice(prefix.length))
}
