/** Attributes of the kernel's objects. Reading one never waits for a device; writing may, so a program does it. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { sleep } from '../../retry.ts'
import type { Run } from '../../run.ts'

/** The attribute's text without its line end; undefined once the object, or the attribute, is gone. */
export async function readAttribute(...path: readonly string[]): Promise<string | undefined> {
  return (await readFile(join(...path), 'utf8').catch(() => undefined))?.trim()
}

/** Names in a directory; none when it is gone. */
export function namesIn(...path: readonly string[]): Promise<readonly string[]> {
  return readdir(join(...path)).catch(() => [])
}

/**
 * Tells the kernel to do something. A disk that does not answer can make this last for minutes, in a wait no signal
 * ends; so it is done by tee(1) and not by one of the few threads that all reading of files here shares.
 *
 * @returns false when the kernel refused, above all because the object is gone
 * @throws HostError COMMAND_TIMEOUT
 */
export async function writeAttribute(run: Run, ctx: Context, path: string, value: string): Promise<boolean> {
  const { exitCode } = await run(ctx, 'tee', ['--', path], {
    stdin: value,
    accept: [TEE_FAULT],
    timeoutMs: WRITE_LIMIT_MS,
  })
  return exitCode === 0
}

/** Asks until there is an answer. @returns undefined when there was none in time */
export async function poll<T>(
  ctx: Context,
  { pollMs, limitMs }: { pollMs: number; limitMs: number },
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const until = performance.now() + limitMs; ; await sleep(pollMs, ctx.signal)) {
    const answer = await ask()
    if (answer !== undefined || performance.now() >= until) return answer
  }
}

/** tee(1) has no finer codes. */
const TEE_FAULT = 1

const WRITE_LIMIT_MS = 30_000
