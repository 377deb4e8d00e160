import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { backgroundContext } from '../../src/context.ts'
import { endOrphans, runFor } from '../../src/host/orphans.ts'
import { silentLog } from '../../src/log.ts'

const ctx = backgroundContext('test', silentLog, new AbortController().signal)

test('a program that an earlier run began is ended; another instance’s, a daemon that it started, and a stranger’s go on', async () => {
  const owner = `/state/${process.pid}`
  const start = (env: Record<string, string>) =>
    spawn('sleep', ['60'], { env: { PATH: '/usr/bin:/bin', ...env }, detached: true })
  const ours = start({ NETAPPDVP_STARTED: `${owner} sleep` })
  const others = [
    start({ NETAPPDVP_STARTED: `${owner}-other sleep` }),
    start({ NETAPPDVP_STARTED: `${owner} mount` }),
    start({}),
  ]
  try {
    await Promise.all([ours, ...others].map((child) => once(child, 'spawn')))
    const ended = once(ours, 'exit')
    await endOrphans(ctx, owner, 100)
    assert.deepEqual(await ended, [null, 'SIGTERM'])
    for (const { exitCode, signalCode } of others) assert.deepEqual([exitCode, signalCode], [null, null])
  } finally {
    for (const child of [ours, ...others]) child.kill()
  }
})

test('a program that ends by itself in time is left to do so', async () => {
  const owner = `/state/${process.pid}-b`
  const child = spawn('sleep', ['0.2'], { env: { PATH: '/usr/bin:/bin', NETAPPDVP_STARTED: `${owner} sleep` } })
  const ended = once(child, 'exit')
  await endOrphans(ctx, owner)
  assert.deepEqual(await ended, [0, null])
})

test('what an instance runs carries its mark and what else it is given', async () => {
  const { stdout } = await runFor('/state/x')(ctx, 'env', [], { env: { OTHER: 'y' } })
  assert.match(stdout, /^NETAPPDVP_STARTED=\/state\/x env$/m)
  assert.match(stdout, /^OTHER=y$/m)
})
