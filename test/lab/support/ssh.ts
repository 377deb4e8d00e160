/** Commands in a machine, over one connection of ssh. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface Said {
  /** As the shell has it; 255 also where the connection broke. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface SshOptions {
  readonly port: number
  readonly keyFile: string
  /** Gets the connection's socket. */
  readonly directory: string
}

export interface Ssh {
  /** Waits until the machine lets us in. @throws when that takes longer than `limitMs` */
  connect(limitMs?: number): Promise<void>
  disconnect(): Promise<void>
  /** Runs a command of its shell. @throws when it takes longer than `limitMs`; it may then still run */
  ask(command: string, options?: AskOptions): Promise<Said>
}

export interface AskOptions {
  readonly stdin?: string | Buffer
  readonly limitMs?: number
}

export function openSsh({ port, keyFile, directory }: SshOptions): Ssh {
  const socket = join(directory, 'ssh')
  const shared = [...sshArguments(port, keyFile), '-o', `ControlPath=${socket}`]
  let connection: ChildProcess | undefined

  const ssh: Ssh = {
    async connect(limitMs = CONNECT_MS) {
      await ssh.disconnect()
      for (const end = performance.now() + limitMs; performance.now() < end; await delay(RETRY_MS)) {
        connection = spawn('setpriv', ['--pdeathsig', 'TERM', 'ssh', '-N', '-M', ...shared, 'root@127.0.0.1'], {
          detached: true,
          stdio: 'ignore',
        })
        const late = performance.now() + ATTEMPT_MS
        while (running(connection) && !existsSync(socket) && performance.now() < late) await delay(RETRY_MS)
        if (existsSync(socket)) return
        await ssh.disconnect()
      }
      throw new Error(`the machine does not let ssh in within ${limitMs} ms`)
    },
    async disconnect() {
      if (connection && running(connection)) {
        // Told to end in good order it may take no notice until there is something to do.
        connection.kill('SIGKILL')
        await once(connection, 'exit')
      }
      rmSync(socket, { force: true })
    },
    ask: (command, options) => finish(spawn('ssh', [...shared, 'root@127.0.0.1', command]), command, options),
  }
  return ssh
}

/** For a machine made a moment ago, on this one: its key is not known, and nobody is between. */
export function sshArguments(port: number, keyFile: string): readonly string[] {
  const settings = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'ConnectTimeout=5',
    'BatchMode=yes',
  ]
  return ['-F', 'none', '-i', keyFile, '-p', String(port), ...settings.flatMap((setting) => ['-o', setting])]
}

/** `it's` → `'it'\''s'` */
export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
}

const CONNECT_MS = 90_000
/** One that was begun while the machine went down is never answered. */
const ATTEMPT_MS = 10_000
const RETRY_MS = 50
const ASK_MS = 60_000

async function finish(child: ChildProcess, command: string, { stdin, limitMs = ASK_MS }: AskOptions = {}) {
  const said = { stdout: '', stderr: '' }
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text
  })
  // It may end before it has read all.
  child.stdin!.on('error', () => {}).end(stdin)
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, limitMs)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  if (late) throw new Error(`${command}\ntook longer than ${limitMs} ms. It said:\n${said.stdout}${said.stderr}`)
  return { exitCode: code ?? 255, ...said }
}

function running({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}
