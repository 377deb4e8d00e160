/** The built executable as a child process, and what can be asked of it from outside. */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Paths, pathsOf } from '../../../src/daemon/paths.ts'
import { type DockerClient, dockerClient, type Told } from '../../docker/client.ts'
import { until, within } from './poll.ts'

/** Another build than the checkout's may be tested. */
export const executable = process.env['NETAPPDVP_EXECUTABLE'] ?? resolve(import.meta.dirname, '../../../dist/netappdvp')

/** False, or the line that says why tests of the executable are left out. */
export const missing = existsSync(executable) ? false : `${executable} is missing: run "npm run build"`

/** What a sane host has; the machine's own PATH may begin with anything. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface DaemonSettings {
  readonly root: string
  /** `local-file` unless told: it needs no config. */
  readonly volumeDriver?: string
  readonly args?: readonly string[]
  /** All of it, but for PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** A command that goes before the executable and execs it. */
  readonly through?: readonly string[]
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Daemon {
  readonly pid: number
  readonly child: ChildProcess
  readonly root: string
  readonly paths: Paths
  /** stdout and stderr so far. */
  output(): string
  readonly ended: Promise<Ended>
  isRunning(): boolean
  /** One call of Docker's. Rejects when the connection breaks. */
  call(verb: string, body?: unknown): Promise<Told>
  /** Resolves once the driver is open and recovery has run. */
  ready(): Promise<Daemon>
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

/** Starts the executable with a root of its own; it runs in `root`, so that no stray config.json is found. */
export function startDaemon(settings: DaemonSettings): Daemon {
  const { root, volumeDriver = 'local-file', args = [], env = {}, through = [] } = settings
  const [program, ...rest] = [...through, executable, '--root', root, '--volume-driver', volumeDriver, ...args]
  const child = spawn(program!, rest, {
    cwd: root,
    env: { PATH: SYSTEM_PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Ended)
  ended.catch(() => {})

  const paths = pathsOf(volumeDriver, root)
  let client: DockerClient | undefined
  const daemon: Daemon = {
    pid: child.pid!,
    child,
    root,
    paths,
    output: () => output,
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    call(verb, body) {
      client ??= dockerClient(paths.socket)
      return client.call(verb, body)
    },
    async ready() {
      await until(`the daemon is ready\n${output}`, async () => {
        assert.ok(daemon.isRunning(), `the daemon ended at its start:\n${output}`)
        return existsSync(paths.socket) && (await answersList(daemon))
      })
      return daemon
    },
    async stop(signal = 'SIGTERM') {
      if (daemon.isRunning()) child.kill(signal)
      return within(`the daemon ends after ${signal}`, ended, 30_000)
    },
  }
  ended.finally(() => client?.close().catch(() => {})).catch(() => {})
  return daemon
}

/** The socket's file is there a moment before anybody listens. */
async function answersList(daemon: Daemon): Promise<boolean> {
  try {
    return (await daemon.call('List')).status === 200
  } catch (error) {
    if (['ECONNREFUSED', 'ENOENT'].includes(`${(error as NodeJS.ErrnoException).code}`)) return false
    throw error
  }
}
