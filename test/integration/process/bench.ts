/** What tests of one daemon share: a root of their own, and an end for whatever they start. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Daemon, type DaemonSettings, executable, SYSTEM_PATH, startDaemon } from './daemon.ts'
import { clearAway, run } from './leftovers.ts'
import { within } from './poll.ts'

export const isRoot = process.getuid?.() === 0

/** An empty directory, with a path that leaves room for a socket's; goes with the test. */
export async function temporaryRoot(t: TestContext): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'nd-')))
  t.after(async () => {
    if (isRoot) await clearAway(root, root)
    await rm(root, { recursive: true, force: true })
  })
  return root
}

/** A daemon that ends with the test at the latest. To be called after temporaryRoot, whose files it uses. */
export function begin(t: TestContext, settings: DaemonSettings): Daemon {
  const daemon = startDaemon(settings)
  t.after(() => daemon.stop('SIGKILL'))
  return daemon
}

/** Runs the executable to its end with just these arguments. */
export async function runToEnd(args: readonly string[], cwd = tmpdir(), through: readonly string[] = []) {
  const [program, ...rest] = [...through, executable, ...args]
  const child = spawn(program!, rest, { cwd, env: { PATH: SYSTEM_PATH }, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.stderr += text
  })
  try {
    const [code] = await within(`netappdvp ${args.join(' ')} ends`, once(child, 'close'), 20_000)
    return { code: code as number | null, ...said }
  } finally {
    child.kill('SIGKILL')
  }
}

/** Writes a file below the root, and the directories above it. @returns its path */
export async function put(root: string, path: string, content: string | Buffer = '', mode = 0o600): Promise<string> {
  const full = join(root, path)
  await mkdir(dirname(full), { recursive: true })
  await writeFile(full, content)
  await chmod(full, mode)
  return full
}

/** Puts a shell script in the place of a program. @returns the PATH that finds it */
export async function pretend(root: string, program: string, script: string): Promise<string> {
  await put(root, `bin/${program}`, `#!/bin/sh\n${script}\n`, 0o755)
  return `${join(root, 'bin')}:${SYSTEM_PATH}`
}

export function logOf({ paths }: Daemon): Promise<string> {
  return readFile(paths.log, 'utf8').catch(() => '')
}

/** True when somebody listens on the socket. */
export async function answers(path: string): Promise<boolean> {
  const socket = connect({ path })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A small filesystem of memory at `path`, for filling it up and making it read-only. */
export async function memoryFilesystem(t: TestContext, path: string, megabytes: number): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'netappdvp-test', path])
  t.after(() => run('umount', ['--lazy', path]).catch(() => {}))
}
