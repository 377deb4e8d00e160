/** Runs a program of this machine for a data plane. Nothing else in src/simulators starts a process. */

import { execFile } from 'node:child_process'

/** @returns its stdout. @throws Error with the command and its last words */
export function runProgram(program: string, args: readonly string[]): Promise<string> {
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: 'C' }
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: PATIENCE_MS, env }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const words = stderr.trim() || error.message
      reject(new Error(`"${[program, ...args].join(' ')}" failed: ${words}`, { cause: error }))
    })
  })
}

const PATIENCE_MS = 30_000
