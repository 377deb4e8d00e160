/** Mounting what a server exports. */

import { isIP } from 'node:net'
import type { Context } from '../../context.ts'
import { hasCode, reasonOf } from '../../errors.ts'
import { locksOverStatd, transportOf } from '../../nfs-options.ts'
import type { NfsPublication } from '../../publication.ts'
import { backoffMs, sleep } from '../../retry.ts'
import { lastWordsOf, requireProgram } from '../command.ts'
import { MOUNT_FAULTS } from '../mount.ts'
import { mountAt } from '../mountinfo.ts'
import { explain, type Fault, mayPass } from './faults.ts'
import { addressesOf, ownAddressTowards } from './server.ts'
import { printSource, sourceOf } from './source.ts'
import { ensureStatd } from './statd.ts'
import type { NfsTools } from './tools.ts'

/**
 * Mounts at an empty mount point, and ends in time for Docker whatever the server does.
 *
 * Where access is denied or the path is missing, it tries again for a while: the server may not have seen a new volume
 * or rule yet.
 *
 * @throws HostError MOUNT_FAILED | TOOL_MISSING
 */
export async function mountNfs(
  tools: NfsTools,
  ctx: Context,
  publication: NfsPublication,
  mountpoint: string,
): Promise<void> {
  await requireProgram('mount.nfs')
  if (locksOverStatd(publication.options)) await ensureStatd(tools, printSource(publication))

  const until = performance.now() + tools.patience.retryMs
  for (let attempt = 0; ; attempt++) {
    const fault = await tryOnce(tools, ctx, publication, mountpoint)
    if (!fault) return
    if (!mayPass(fault) || performance.now() >= until) {
      throw explain(fault, publication, mountpoint, await ownAddress(tools, ctx, publication))
    }
    ctx.log.debug('The server does not show the volume yet; trying again.', { mountpoint, reason: fault.words })
    await sleep(backoffMs(attempt, tools.patience.pauseMs), ctx.signal)
  }
}

/** Whatever mount(8) says, and however it ended, only the kernel's table tells whether it was done. */
async function tryOnce(
  tools: NfsTools,
  ctx: Context,
  publication: NfsPublication,
  mountpoint: string,
): Promise<Fault | undefined> {
  const options = [...new Set([...publication.options, ...AT_ONCE])].join(',')
  const args = ['-t', 'nfs', '-o', options, '--', printSource(publication), mountpoint]
  const fault = await faultOf(tools, ctx, args)
  const mount = mountAt(await tools.mounts(), mountpoint)
  return mount && sourceOf(mount) ? undefined : fault
}

/**
 * /etc/nfsmount.conf may ask for `bg`: then the command succeeds before anything is mounted, and what containers write
 * goes to this machine's disk. And one failure is enough to know: mount.nfs(8) would go on for two minutes.
 */
const AT_ONCE = ['fg', 'retry=0']

/** What is to be told if it was not done. */
async function faultOf({ run, patience }: NfsTools, ctx: Context, args: readonly string[]): Promise<Fault> {
  try {
    const finished = await run(ctx, 'mount', args, { accept: MOUNT_FAULTS, timeoutMs: patience.mountMs })
    const command = ['mount', ...args].join(' ')
    const words = lastWordsOf(finished)
    if (finished.exitCode === 0)
      return { words, ending: `"${command}" succeeded, and nothing is mounted there: ${words}` }
    return { words, ending: `"${command}" ended with exit code ${finished.exitCode}: ${words}` }
  } catch (error) {
    if (ctx.signal.aborted || !hasCode(error, 'COMMAND_TIMEOUT')) throw error
    return { words: TIMED_OUT, ending: reasonOf(error) }
  }
}

/** What mount.nfs(8) says when it gives up by itself. */
const TIMED_OUT = 'Connection timed out'

async function ownAddress(
  tools: NfsTools,
  ctx: Context,
  { server, options }: NfsPublication,
): Promise<string | undefined> {
  const found = await addressesOf(tools, ctx, server)
  const transport = transportOf(options)
  const version = transport && (transport.endsWith('6') ? 6 : 4)
  const address = found.find((one) => version === undefined || isIP(one) === version)
  return address === undefined ? undefined : ownAddressTowards(address)
}
