/** dist/netappdvp in a directory of its own, and how to call it. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'

export interface Plugin {
  /** One call as Docker makes it. @throws Error with the plugin's words when it refuses */
  call(verb: string, body?: object): Promise<unknown>
  /** Memory of its own, in megabytes. */
  anonymousMb(): Promise<number>
  /** Processor time that its one thread for all calls has had, in milliseconds. */
  busyMs(): number
  /** Ends it and deletes its directory. */
  stop(): Promise<void>
}

export const executable = resolve(import.meta.dirname, '../../dist/netappdvp')
const MOST_CONNECTIONS = 64
const POLL_MS = 5

/** @param config of the driver; without one it runs on its built-in one, which is for local-file */
export async function startPlugin(driver = 'local-file', config?: object): Promise<Plugin> {
  const root = await mkdtemp(join(tmpdir(), 'netappdvp-bench-'))
  const args = ['--root', root, '--volume-driver', driver]
  if (config) {
    const file = join(root, 'config.json')
    await writeFile(file, JSON.stringify({ version: 1, storageDriverName: driver, ...config }), { mode: 0o600 })
    args.push('--config', file)
  }
  const child = spawn(executable, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const socketPath = join(root, `run/docker/plugins/${driver}.sock`)
  while (!(await isThere(socketPath))) {
    if (child.exitCode !== null) throw new Error(`${executable} ended with ${child.exitCode}.`)
    await delay(POLL_MS)
  }
  const pool = new Pool('http://plugin', { socketPath, connections: MOST_CONNECTIONS, pipelining: 1 })

  return {
    async call(verb, body = {}) {
      const path = `/VolumeDriver.${verb}`
      const answer = await pool.request({ method: 'POST', path, body: JSON.stringify(body) })
      const told = (await answer.body.json()) as { readonly Err: string }
      if (told.Err !== '') throw new Error(`${verb}: ${told.Err}`)
      return told
    },
    async anonymousMb() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
      return (Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / 1e6
    },
    busyMs() {
      return Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
    },
    async stop() {
      await pool.destroy()
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      await rm(root, { recursive: true })
    },
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
