/** What passes between systemd and the daemon: a socket it hands over, and what it is told. */

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { begin, isRoot, logOf, temporaryRoot } from './process/bench.ts'
import { missing, SYSTEM_PATH, startDaemon } from './process/daemon.ts'
import { create } from './process/docker.ts'
import { until } from './process/poll.ts'

const has = (program: string) => SYSTEM_PATH.split(':').some((directory) => existsSync(join(directory, program)))
const cannotActivate = missing || (has('systemd-socket-activate') ? false : 'needs systemd-socket-activate')
const python = pythonOf()
const cannotListen = missing || (python && has('systemd-notify') ? false : 'needs python3 and systemd-notify')

suite('under systemd', () => {
  test('a call that comes before the daemon runs starts it and is answered; the socket stays at its end', {
    skip: cannotActivate,
  }, async (t) => {
    const root = await temporaryRoot(t)
    const socket = join(root, 'run/docker/plugins/local-file.sock')
    await mkdir(dirname(socket), { recursive: true })
    const daemon = startDaemon({ root, through: ['systemd-socket-activate', '-l', socket, '-E', 'PATH'] })
    t.after(() => daemon.stop('SIGKILL'))
    await until('systemd listens', () => existsSync(socket))
    const { ino } = await stat(socket)
    assert.equal(await logOf(daemon), '', 'the daemon does not run yet')

    const calls = [daemon.call('Plugin.Activate'), daemon.call('Create', { Name: 'v1', Opts: { size: '20m' } })]
    for (const told of await Promise.all(calls)) assert.equal(told.status, 200)
    assert.equal(existsSync(daemon.paths.spec), false, "the socket's place is systemd's affair")
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null })
    assert.equal((await stat(socket)).ino, ino, 'the socket is left in place')
  })

  test('a socket meant for another process is not taken', { skip: missing }, async (t) => {
    const root = await temporaryRoot(t)
    const daemon = await begin(t, { root, env: { LISTEN_FDS: '1', LISTEN_PID: '1' } }).ready()
    assert.ok(existsSync(daemon.paths.socket))
  })

  test('it says that it is ready once it listens, and that it stops', { skip: cannotListen }, async (t) => {
    const root = await temporaryRoot(t)
    const heard = await listenForNotices(t, join(root, 'notify'))
    const daemon = await begin(t, { root, env: { NOTIFY_SOCKET: join(root, 'notify') } }).ready()
    const ready = await until('READY=1', () => heard().find(({ text }) => text.includes('READY=1')))
    assert.match(ready.text, /^STATUS=Listening/m)
    if (isRoot) assert.equal(ready.pid, daemon.pid, 'in its own name, as NotifyAccess=main demands')
    await until('STATUS=Ready.', () => heard().find(({ text }) => text.includes('STATUS=Ready.')))
    assert.equal(heard().filter(({ text }) => text.includes('WATCHDOG')).length, 0, 'nobody asked for a watchdog')
    await daemon.stop()
    assert.match(heard().at(-1)!.text, /STOPPING=1/)
  })

  test('it pings the watchdog, again and again', { skip: cannotListen }, async (t) => {
    const root = await temporaryRoot(t)
    const heard = await listenForNotices(t, join(root, 'notify'))
    const env = { NOTIFY_SOCKET: join(root, 'notify'), WATCHDOG_USEC: '400000' }
    const daemon = await begin(t, { root, env }).ready()
    const pings = () => heard().filter(({ text }) => text.includes('WATCHDOG=1'))
    await until('four pings', () => pings().length >= 4)
    const gaps = pings().flatMap(({ at }, index, all) => (index === 0 ? [] : [at - all[index - 1]!.at]))
    t.diagnostic(`ms between pings: ${gaps.map((gap) => Math.round(gap)).join(', ')}`)
    await daemon.stop()
  })

  test('a watchdog of another process is not pinged', { skip: cannotListen }, async (t) => {
    const root = await temporaryRoot(t)
    const heard = await listenForNotices(t, join(root, 'notify'))
    const env = { NOTIFY_SOCKET: join(root, 'notify'), WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' }
    const daemon = await begin(t, { root, env }).ready()
    await until('STATUS=Ready.', () => heard().find(({ text }) => text.includes('STATUS=Ready.')))
    await create(daemon, 'v1')
    await daemon.stop()
    assert.equal(heard().filter(({ text }) => text.includes('WATCHDOG')).length, 0)
  })

  test('it says what it waits for while its driver cannot be opened', { skip: cannotListen }, async (t) => {
    const root = await temporaryRoot(t)
    const heard = await listenForNotices(t, join(root, 'notify'))
    await mkdir(join(root, 'var/lib/netappdvp/local-file'), { recursive: true })
    await symlink('/nowhere', join(root, 'var/lib/netappdvp/local-file/volumes'))
    const daemon = begin(t, { root, env: { NOTIFY_SOCKET: join(root, 'notify') } })
    await until('READY=1', () => heard().find(({ text }) => text.includes('READY=1')))
    await until('STATUS=Waiting', () => heard().find(({ text }) => /^STATUS=Waiting: .*volumes/m.test(text)))
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null })
  })

  test('a notice socket that is gone holds up nothing', { skip: missing }, async (t) => {
    const root = await temporaryRoot(t)
    const daemon = await begin(t, { root, env: { NOTIFY_SOCKET: join(root, 'nobody') } }).ready()
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null })
  })
})

interface Notice {
  readonly text: string
  /** Who sent it, by the kernel's word. */
  readonly pid: number
  readonly at: number
}

/** Node has no datagram sockets of unix's; python does. One line a notice: pid, then the text as JSON. */
const LISTENER = `
import json, os, socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    data, ancillary, _, _ = s.recvmsg(4096, 4096)
    pid = 0
    for level, kind, value in ancillary:
        if kind == socket.SCM_CREDENTIALS: pid = struct.unpack("3i", value[:12])[0]
        if kind == socket.SCM_RIGHTS:
            for fd in struct.unpack("%di" % (len(value) // 4), value): os.close(fd)
    print(json.dumps([pid, data.decode()]), flush=True)
`

async function listenForNotices(t: TestContext, path: string): Promise<() => readonly Notice[]> {
  const notices: Notice[] = []
  let bound = false
  let rest = ''
  const child = spawn(python!, ['-c', LISTENER, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      if (line === 'bound') bound = true
      else {
        const [pid, said] = JSON.parse(line) as [number, string]
        notices.push({ pid, text: said, at: performance.now() })
      }
    }
  })
  await until('the listener is there', () => bound)
  return () => notices
}

/** The interpreter itself: one found by PATH may be a wrapper that takes its time. */
function pythonOf(): string | undefined {
  try {
    return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
