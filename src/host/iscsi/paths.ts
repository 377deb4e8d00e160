/** From sessions to disks: each path brought here, and proved to be the published one. */

import type { Context } from '../../context.ts'
import { HostError, reasonOf } from '../../errors.ts'
import type { IscsiPublication } from '../../publication.ts'
import { isDeviceInUse } from './in-use.ts'
import { type Disk, diskAt, isThere, naasOf, removeDisk, rescan, scan, stateOf } from './scsi.ts'
import type { Session } from './sessions.ts'
import { poll } from './sysfs.ts'
import type { IscsiTools } from './tools.ts'

/**
 * The disks of the published LUN, one a session. One that is right is enough; what is wrong with others is a warning.
 *
 * @throws HostError DEVICE_MISSING | DEVICE_MISMATCH
 */
export async function bringPaths(
  tools: IscsiTools,
  ctx: Context,
  publication: IscsiPublication,
  sessions: readonly Session[],
): Promise<readonly Disk[]> {
  const results = await Promise.allSettled(sessions.map((session) => bringPath(tools, ctx, publication, session)))
  ctx.signal.throwIfAborted()
  const disks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  if (disks.length === 0) throw failures[0]
  for (const failure of failures) {
    ctx.log.warn('A path cannot be used; the others are.', { target: publication.target, reason: reasonOf(failure) })
  }
  return disks
}

/**
 * The kernel remembers a LUN's identity from when it found it. If another volume was put at that number meanwhile, the
 * old disk stands for the new volume, under the old name. So a disk that was here already is read anew; if it is still
 * another one it is removed, and the LUN looked for afresh.
 */
async function bringPath(
  tools: IscsiTools,
  ctx: Context,
  publication: IscsiPublication,
  session: Session,
): Promise<Disk> {
  const { run } = tools
  const known = await diskAt(session, publication.lun)
  if (known) {
    await rescan(run, ctx, known)
    if ((await faultOf(known, publication)) === undefined) return known
    await ensureIdle(tools, known, publication, session)
    await removeDisk(run, ctx, known)
    await waitUntilGone(tools, ctx, known)
  }
  const found = await scanFor(tools, ctx, publication, session)
  if ((await faultOf(found, publication)) === undefined) return found
  await rescan(run, ctx, found)
  const fault = await faultOf(found, publication)
  if (fault === undefined) return found
  throw mismatch(found, fault, publication, session)
}

/** Undefined when the disk is the published one and takes commands. */
async function faultOf(disk: Disk, { naa }: IscsiPublication): Promise<string | undefined> {
  const naas = await naasOf(disk.directory)
  if (naas.length === 0) return 'does not say which disk it is'
  if (!naas.includes(naa)) return `is naa.${naas[0]}`
  const state = await stateOf(disk)
  return state === 'running' ? undefined : `does not take commands (its state is "${state}")`
}

async function ensureIdle({ places }: IscsiTools, disk: Disk, publication: IscsiPublication, session: Session) {
  if (!(await isDeviceInUse(places, disk.name))) return
  const fault = (await faultOf(disk, publication)) ?? 'was another disk'
  throw mismatch(disk, `${fault}, and something uses it`, publication, session)
}

async function scanFor(
  { run, places, patience }: IscsiTools,
  ctx: Context,
  { lun, target }: IscsiPublication,
  session: Session,
): Promise<Disk> {
  let scannedAt = Number.NEGATIVE_INFINITY
  const limits = { pollMs: patience.pollMs, limitMs: patience.appearMs }
  const disk = await poll(ctx, limits, async () => {
    const found = await diskAt(session, lun)
    if (found || performance.now() < scannedAt + SCAN_AGAIN_MS) return found
    await scan(run, ctx, places, session, lun)
    scannedAt = performance.now()
    return diskAt(session, lun)
  })
  if (disk) return disk
  throw new HostError(
    'DEVICE_MISSING',
    `LUN ${lun} of ${target} did not appear on SCSI host ${session.host} in ${patience.appearMs / 1000} s. See whether the array maps the volume to this host; "dmesg" may say more.`,
  )
}

/** An array may take a moment to show a LUN it has just mapped. */
const SCAN_AGAIN_MS = 3_000

async function waitUntilGone({ patience }: IscsiTools, ctx: Context, disk: Disk): Promise<void> {
  const limits = { pollMs: patience.pollMs, limitMs: patience.vanishMs }
  await poll(ctx, limits, async () => ((await isThere(disk)) ? undefined : true))
}

function mismatch(disk: Disk, fault: string, { naa, lun, target }: IscsiPublication, session: Session): HostError {
  return new HostError(
    'DEVICE_MISMATCH',
    `Did not touch /dev/${disk.name}: the volume is naa.${naa}, and the disk at LUN ${lun} of ${target} (session ${session.sid}) ${fault}. Nothing was written to it. See on the array which volume is mapped there, then try again.`,
  )
}
