import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backgroundContext } from '../../src/context.ts'
import { inheritedSocket, systemdNotifier } from '../../src/daemon/systemd.ts'
import { HostError } from '../../src/errors.ts'
import { silentLog } from '../../src/log.ts'
import type { Run } from '../../src/run.ts'

const ctx = backgroundContext('test', silentLog, new AbortController().signal)
const env = { NOTIFY_SOCKET: '/run/notify' }

/** Remembers what it was asked to run; `refused` arguments end with a fault. */
function recorder(refused?: string) {
  const said: string[] = []
  const run: Run = async (_ctx, program, args, options) => {
    said.push([program, ...args].join(' '))
    assert.deepEqual(options?.env, env)
    if (refused !== undefined && args.includes(refused)) throw new HostError('COMMAND_FAILED', 'Unknown option.')
    return { exitCode: 0, stdout: '', stderr: '' }
  }
  return { run, said }
}

test('the watchdog is pinged at half its interval, until the end', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { run, said } = recorder()
  const notifier = systemdNotifier(run, ctx, { ...env, WATCHDOG_USEC: '30000000' })
  notifier.startWatchdog()
  t.mock.timers.tick(14_999)
  await notifier.notify()
  assert.equal(said.filter((words) => words.includes('WATCHDOG=1')).length, 0)
  t.mock.timers.tick(15_001)
  await notifier.notify()
  assert.equal(said.filter((words) => words.includes('WATCHDOG=1')).length, 2)
  notifier.stop()
  t.mock.timers.tick(60_000)
  await notifier.notify()
  assert.equal(said.filter((words) => words.includes('WATCHDOG=1')).length, 2)
})

test('what is said comes in order, and nothing is said where nobody listens', async () => {
  const { run, said } = recorder()
  const notifier = systemdNotifier(run, ctx, env)
  await Promise.all([notifier.notify('READY=1', 'STATUS=Listening.'), notifier.notify('STATUS=Ready.')])
  assert.deepEqual(said, [
    'systemd-notify --no-block READY=1 STATUS=Listening.',
    'systemd-notify --no-block STATUS=Ready.',
  ])
  await systemdNotifier(run, ctx, {}).notify('READY=1')
  assert.equal(said.length, 2)
})

test('an older systemd-notify, which cannot be told not to wait, is used as it is', async () => {
  const { run, said } = recorder('--no-block')
  const notifier = systemdNotifier(run, ctx, env)
  await notifier.notify('READY=1')
  await notifier.notify('STOPPING=1')
  assert.deepEqual(said, ['systemd-notify --no-block READY=1', 'systemd-notify READY=1', 'systemd-notify STOPPING=1'])
})

test('a socket is taken over only if it was meant for this process, and no child hears of it', () => {
  const ours: NodeJS.ProcessEnv = { LISTEN_FDS: '1', LISTEN_PID: String(process.pid), LISTEN_FDNAMES: 'x' }
  assert.equal(inheritedSocket(ours), 3)
  assert.deepEqual(ours, {})
  assert.equal(inheritedSocket({ LISTEN_FDS: '1', LISTEN_PID: '1' }), undefined)
  assert.equal(inheritedSocket({ LISTEN_PID: String(process.pid) }), undefined)
  assert.equal(inheritedSocket({}), undefined)
})
