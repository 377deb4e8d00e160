/** Run by warm.ts: `warm-start.ts APP CACHE ROOT`. The daemon runs in this very process, as in the executable. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type App, appScript } from './app-script.ts'

/** Enough for what follows a start (telling systemd, the array's first answer) to have run. */
const QUIET_MS = 500
const START_MS = 20_000

const [app, cache, root] = process.argv.slice(2) as [string, string, string]
const socketPath = join(root, 'run/docker/plugins/local-file.sock')

/** The last that a start writes, once the driver is open. */
const recovered = join(root, 'var/lib/netappdvp/local-file/mounts.json')

process.argv = [process.execPath, process.execPath, '--root', root, '--volume-driver', 'local-file']
const script = appScript(readFileSync(app, 'latin1'))
const start: App = script.runInThisContext()
start(createRequire(import.meta.url))

// One thing after the other: V8 numbers what it compiles, and the cache is to be the same in every build.
await started(Date.now() + START_MS)
await delay(QUIET_MS)
await answered('/Plugin.Activate', Date.now() + START_MS)
await answered('/VolumeDriver.List', Date.now() + START_MS)
await delay(QUIET_MS)
writeFileSync(cache, script.createCachedData())
process.kill(process.pid, 'SIGTERM')

async function started(deadline: number): Promise<void> {
  while (!existsSync(recovered)) {
    if (process.exitCode !== undefined) throw new Error(`it ended with exit code ${process.exitCode}`)
    if (Date.now() > deadline) throw new Error(`${recovered} does not come`)
    await delay(20)
  }
}

async function answered(path: string, deadline: number): Promise<void> {
  for (;;) {
    const outcome = await post(path)
    if (outcome === 'answered') return
    if (process.exitCode !== undefined) throw new Error(`it ended with exit code ${process.exitCode}`)
    if (Date.now() > deadline) throw new Error(`${path} at ${socketPath}: ${outcome}`)
    await delay(20)
  }
}

function post(path: string): Promise<string> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path, method: 'POST', agent: false }, (reply) => {
      reply.resume().on('end', () => resolve(reply.statusCode === 200 ? 'answered' : `status ${reply.statusCode}`))
    })
    call.on('error', (error) => resolve(error.message))
    call.end('{}')
  })
}
