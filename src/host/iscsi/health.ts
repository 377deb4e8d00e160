/** Whether a disk can take commands at this moment, by what the kernel knows; nothing is sent to it. */

import { basename, dirname, join } from 'node:path'
import { type Disk, stateOf } from './scsi.ts'
import { readAttribute } from './sysfs.ts'

/** False while its session is lost, and once the kernel has given it up. */
export async function answers(disk: Disk): Promise<boolean> {
  const state = await sessionStateOf(disk)
  return (await stateOf(disk)) === 'running' && (state === undefined || state === 'LOGGED_IN')
}

/** `…/host2/session1/target2:0:0/2:0:0:0` is a LUN of session 1. Undefined for a disk that is no session's. */
export async function sessionStateOf({ directory }: Disk): Promise<string | undefined> {
  const session = dirname(dirname(directory))
  return readAttribute(join(session, 'iscsi_session', basename(session)), 'state')
}
