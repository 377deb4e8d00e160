/** What systemd hands over at start, and what it wants to hear. */

import type { Context } from '../context.ts'
import { hasCode, reasonOf } from '../errors.ts'
import type { Run } from '../run.ts'

/** First descriptor of socket activation. @see sd_listen_fds(3) */
const FIRST_FD = 3

/** The listening socket of a `.socket` unit, if this process was started by one. */
export function inheritedSocket(env: NodeJS.ProcessEnv): number | undefined {
  const ours = Number(env['LISTEN_PID']) === process.pid && Number(env['LISTEN_FDS']) >= 1
  delete env['LISTEN_PID']
  delete env['LISTEN_FDS']
  delete env['LISTEN_FDNAMES']
  return ours ? FIRST_FD : undefined
}

export interface Notifier {
  /** Words of sd_notify(3): `READY=1`, `STOPPING=1`, `STATUS=…`. */
  notify(...words: readonly string[]): Promise<void>
  /** Tells systemd at half its interval that the event loop turns. */
  startWatchdog(): void
  stop(): void
}

/**
 * Node cannot send datagrams to a unix socket, so systemd-notify(1) does; run by root it speaks with our PID.
 * Nothing to do where NOTIFY_SOCKET is not set.
 */
export function systemdNotifier(run: Run, ctx: Context, env: NodeJS.ProcessEnv): Notifier {
  let timer: NodeJS.Timeout | undefined
  /** Since systemd 246: without it, the program waits until systemd has read what it says. */
  let noBlock: readonly string[] = ['--no-block']
  const say = async (...words: readonly string[]) => {
    const address = env['NOTIFY_SOCKET']
    if (address === undefined) return
    try {
      const options = { timeoutMs: NOTIFY_TIMEOUT_MS, env: { NOTIFY_SOCKET: address } }
      await run(ctx, 'systemd-notify', [...noBlock, ...words], options).catch((error) => {
        if (noBlock.length === 0 || !hasCode(error, 'COMMAND_FAILED')) throw error
        noBlock = []
        return run(ctx, 'systemd-notify', words, options)
      })
    } catch (error) {
      ctx.log.warn('Cannot reach systemd.', { words: words.join(' '), reason: reasonOf(error) })
    }
  }
  /** One after the other: what is said last is what holds. */
  let said = Promise.resolve()
  const notify = (...words: readonly string[]) => {
    said = said.then(() => say(...words))
    return said
  }
  return {
    notify,
    startWatchdog() {
      const intervalMs = Number(env['WATCHDOG_USEC'] ?? 0) / 1000 / 2
      const watched = env['WATCHDOG_PID'] === undefined || Number(env['WATCHDOG_PID']) === process.pid
      if (intervalMs > 0 && watched) timer = setInterval(() => void notify('WATCHDOG=1'), intervalMs)
    },
    stop: () => clearInterval(timer),
  }
}

const NOTIFY_TIMEOUT_MS = 5_000
