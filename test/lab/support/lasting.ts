/** Machines that go on when the command that started them has ended: what `scripts/lab up` leaves, and `down` ends. */

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../../integration/support/until.ts'
import { RUNS } from './image.ts'
import type { LabMachine } from './machine.ts'

export interface Lasting {
  readonly name: string
  readonly sshPort: number
  readonly keyFile: string
  readonly directory: string
}

export function rememberLasting({ name, sshPort, keyFile, directory }: LabMachine): void {
  writeFileSync(join(directory, NOTE), JSON.stringify({ name, sshPort, keyFile }))
}

/** Those that are up. */
export function lastingMachines(): readonly Lasting[] {
  const names = existsSync(RUNS) ? readdirSync(RUNS) : []
  return names.flatMap((name) => {
    const directory = join(RUNS, name)
    if (!existsSync(join(directory, NOTE)) || pidOf(directory) === undefined) return []
    return [{ ...(JSON.parse(readFileSync(join(directory, NOTE), 'utf8')) as Omit<Lasting, 'directory'>), directory }]
  })
}

/** @returns their names */
export async function endLasting(): Promise<readonly string[]> {
  const machines = lastingMachines()
  for (const { name, directory } of machines) {
    const pid = pidOf(directory)
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    await until(`${name} has ended`, () => pidOf(directory) === undefined)
    rmSync(directory, { recursive: true })
  }
  return machines.map(({ name }) => name)
}

const NOTE = 'lasting.json'

/** Of the qemu that has written its pid there, if it is still that one. */
function pidOf(directory: string): number | undefined {
  const file = join(directory, 'pid')
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8'))
  const commandLine = `/proc/${pid}/cmdline`
  return existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes(directory) ? pid : undefined
}
