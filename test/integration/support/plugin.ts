/** The executable, running in a machine. */

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Machine, Started } from './machine.ts'
import { until } from './until.ts'

export const EXECUTABLE = fileURLToPath(new URL('../../../dist/netappdvp', import.meta.url))

export interface Plugin {
  /** The name Docker knows it by. */
  readonly name: string
  readonly pid: number
  isRunning(): boolean
  /** Sends the signal and waits for its end. */
  stop(signal: NodeJS.Signals): Promise<void>
  /** After stop; resolves when it listens, or when its driver is ready. */
  start(env?: NodeJS.ProcessEnv): Promise<void>
  /** What it has logged. */
  log(): Promise<string>
}

/** With its driver local-file, and ready. */
export async function startPlugin(machine: Machine, name: string, env?: NodeJS.ProcessEnv): Promise<Plugin> {
  const config = `/etc/netappdvp/${name}.json`
  await mkdir(machine.at('/etc/netappdvp'), { recursive: true })
  await writeFile(machine.at(config), '{"version":1,"storageDriverName":"local-file"}', { mode: 0o600 })
  let process: Started | undefined

  const plugin: Plugin = {
    name,
    get pid() {
      return process!.pid
    },
    isRunning: () => process?.isRunning() ?? false,
    async stop(signal) {
      await process?.end(signal)
    },
    async start(env = {}) {
      const before = (await plugin.log()).length
      const args = [`--config=${config}`, `--volume-driver=${name}`, '--debug']
      process = await machine.start(EXECUTABLE, args, { log: `/run/${name}.out`, env })
      await until(`plugin ${name} is ready`, async () => {
        if (!plugin.isRunning()) throw new Error(`plugin ${name} has ended: ${await plugin.log()}`)
        return (await plugin.log()).slice(before).includes('plugin ready')
      })
    },
    log: () => readFile(machine.at(`/var/log/netappdvp/${name}.log`), 'utf8').catch(() => ''),
  }
  await plugin.start(env)
  return plugin
}
