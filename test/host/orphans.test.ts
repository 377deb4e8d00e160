import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { backgroundContext } from '../../src/context.ts'
import { run } from '../../src/host/command.ts'
import { endOrphans, runFor } from '../../src/host/orphans.ts'
import { silentLog } from '../../src/log.ts'

const ctx = backgroundContext('test', silentLog, new AbortController().signal)

/** A process whose parent has ended, as a killed plugin's programs are. @returns its PID */
async function orphan(mark: string | undefined, seconds: number): Promise<number> {
  const marked = mark === undefined ? [] : [`NETAPPDVP_STARTED=${mark}`]
  const script = `setsid env ${marked.map((text) => `'${text}'`).join(' ')} sleep ${seconds} >&- 2>&- & echo $!`
  const { stdout } = await run(ctx, 'sh', ['-c', script])
  const pid = Number(stdout)
  while ((await readFile(`/proc/${pid}/comm`, 'utf8')).trim() !== 'sleep') await new Promise(setImmediate)
  return pid
}

/** One that has ended and is not yet waited for lives no more. */
const lives = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))

test('a program that an earlier run began is ended; another instance’s, a daemon that it started, and a stranger’s go on', async () => {
  const owner = `/state/${process.pid}`
  const ours = await orphan(`${owner} sleep`, 60)
  const others = await Promise.all(
    [`${owner}-other sleep`, `${owner} mount`, undefined].map((mark) => orphan(mark, 60)),
  )
  try {
    await endOrphans(ctx, owner, 100)
    assert.ok(!lives(ours))
    assert.ok(others.every(lives))
  } finally {
    for (const pid of [ours, ...others].filter(lives)) process.kill(pid)
  }
})

test('a program that ends by itself in time is left to do so', async () => {
  const owner = `/state/${process.pid}-b`
  const pid = await orphan(`${owner} sleep`, 0.3)
  await endOrphans(ctx, owner)
  assert.ok(!lives(pid))
})

test('programs this process runs itself are no orphans', async () => {
  const owner = `/state/${process.pid}-c`
  const said: string[] = []
  const log = { ...silentLog, child: () => log, warn: (message: string) => said.push(message) }
  const stop = new AbortController()
  const running = runFor(owner)({ ...ctx, signal: stop.signal }, 'sleep', ['60'])
  await endOrphans({ ...ctx, log }, owner, 100)
  assert.deepEqual(said, [])
  stop.abort(new Error('enough'))
  await assert.rejects(running, /enough/)
})

test('what an instance runs carries its mark and what else it is given', async () => {
  const { stdout } = await runFor('/state/x')(ctx, 'env', [], { env: { OTHER: 'y' } })
  assert.match(stdout, /^NETAPPDVP_STARTED=\/state\/x env$/m)
  assert.match(stdout, /^OTHER=y$/m)
})
