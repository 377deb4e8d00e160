/** What the tests of this folder share: a context, a log that remembers, temporary directories, programs that act. */

import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { backgroundContext, type Context } from '../../src/context.ts'
import { type Log, type LogFields, silentLog } from '../../src/log.ts'

export const FAKE_BIN = fileURLToPath(new URL('../fake-bin', import.meta.url))

export function context(log: Log = silentLog, signal: AbortSignal = new AbortController().signal): Context {
  return backgroundContext('test', log, signal)
}

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

/** A log, and the lines it was told. */
export function rememberingLog(): { log: Log; lines: Line[] } {
  const lines: Line[] = []
  const at =
    (level: Line['level']) =>
    (message: string, fields: LogFields = {}) => {
      lines.push({ level, message, fields })
    }
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => log }
  return { log, lines }
}

/** A directory that goes away with the test. */
export async function temporaryDirectory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'netappdvp-host-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

/** Puts a directory first on our PATH until the test is over. */
export function firstOnPath(t: TestContext, directory: string): void {
  const before = process.env['PATH']
  process.env['PATH'] = `${directory}:${before}`
  t.after(() => {
    process.env['PATH'] = before
  })
}

export interface Answer {
  readonly exitCode?: number
  readonly stderr?: string
  readonly stdout?: string
}

/** Puts programs that give these answers first on PATH. Answers how each was called, arguments joined by spaces. */
export async function fakePrograms(
  t: TestContext,
  answers: Readonly<Record<string, Answer>>,
): Promise<(program: string) => Promise<readonly string[]>> {
  const directory = await temporaryDirectory(t)
  for (const [program, { exitCode = 0, stderr = '', stdout = '' }] of Object.entries(answers)) {
    await symlink(join(FAKE_BIN, 'scenario'), join(directory, program))
    await writeFile(join(directory, `${program}.answer`), `${exitCode}\n${stderr}\n${stdout}`)
  }
  firstOnPath(t, directory)
  return async (program) => {
    const text = await readFile(join(directory, `${program}.calls`), 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line !== '')
  }
}

/**
 * Puts programs that follow these scripts first on PATH.
 *
 * @returns how each was called, arguments joined by spaces
 */
export async function scripted(t: TestContext, scripts: Readonly<Record<string, string>>) {
  const directory = await temporaryDirectory(t)
  for (const [program, script] of Object.entries(scripts)) {
    await symlink(join(FAKE_BIN, 'scripted'), join(directory, program))
    await writeFile(join(directory, `${program}.script`), `${script}\n`)
  }
  await chmod(directory, 0o755)
  firstOnPath(t, directory)
  return async (program: string): Promise<readonly string[]> => {
    const text = await readFile(join(directory, `${program}.calls`), 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line !== '')
  }
}
