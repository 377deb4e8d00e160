/** rpc.statd, without which mount.nfs(8) mounts nothing of version 3 whose locks are not kept local. */

import { HostError } from '../../errors.ts'
import { findProgram } from '../command.ts'
import { packageOf } from '../packages.ts'
import { callLocal } from './rpc.ts'
import type { NfsTools } from './tools.ts'

/**
 * Passes when rpc.statd runs, or mount.nfs(8) can start it. It asks rpcbind on the loopback address, calls what it is
 * told of, and else runs `start-statd`: in vain, that takes it 10 s.
 *
 * @throws HostError MOUNT_FAILED
 */
export async function ensureStatd(tools: NfsTools, source: string): Promise<void> {
  if ((await isRunning(tools)) || (await canBeStarted(tools))) return
  throw new HostError(
    'MOUNT_FAILED',
    `Did not try to mount ${source}: rpc.statd does not run on this machine. ${STATD_ADVICE}`,
  )
}

/** What to do without one. */
export const STATD_ADVICE = adviceOf(packageOf('rpc.statd')!)

function adviceOf({ debian, rhel }: { readonly debian: string; readonly rhel: string }): string {
  return `NFS version 3 needs it for locks. Install the package ${debian} (Debian, Ubuntu) or ${rhel} (RHEL, Fedora) and start rpcbind and rpc-statd. Or set "nfsMountOptions" to "-o nolock" or "-o nfsvers=3,nolock", which keeps locks within each host; or to "-o nfsvers=4.1", which needs no rpc.statd.`
}

/** True also when the answer does not come: mount.nfs(8) is the better judge then. */
async function isRunning({ places, patience }: NfsTools): Promise<boolean> {
  const getPort = { ...RPCBIND, procedure: GETPORT, args: [STATD.program, STATD.version, UDP, 0] }
  const found = await callLocal(places.rpcbindPort, getPort, patience.answerMs)
  if (found === 'refused') return false
  const port = found === 'silent' ? undefined : (found[0] ?? 0)
  if (port === undefined) return true
  // One that was killed is on rpcbind's list yet.
  return port !== 0 && (await callLocal(port, { ...STATD, procedure: NULL, args: [] }, patience.answerMs)) !== 'refused'
}

async function canBeStarted({ places }: NfsTools): Promise<boolean> {
  const found = await Promise.all([places.startStatd, places.statd].map(findProgram))
  return found.every((path) => path !== undefined)
}

/** @see RFC 1833, section 3; the numbers in rpc(5) */
const RPCBIND = { program: 100_000, version: 2 }
const GETPORT = 3
const STATD = { program: 100_024, version: 1 }
const NULL = 0
const UDP = 17
