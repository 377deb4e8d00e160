/** How code asks for a program to be run. The one implementation is host/command.ts; drivers are handed it. */

import type { Context } from './context.ts'

/**
 * Runs a program with an argument list, never through a shell, and waits for its end.
 *
 * @throws HostError TOOL_MISSING | COMMAND_FAILED | COMMAND_TIMEOUT
 */
export type Run = (ctx: Context, program: string, args: readonly string[], options?: RunOptions) => Promise<Finished>

export interface RunOptions {
  /** Exit codes that are answers rather than faults. 0 always is one. */
  readonly accept?: readonly number[]
  readonly stdin?: string
  /** Time after which the program and its children are killed; 30 s unless told. */
  readonly timeoutMs?: number
  /** Variables the program needs; it gets none of ours but these and PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** Struck from the log and from errors. */
  readonly secrets?: readonly string[]
}

export interface Finished {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}
