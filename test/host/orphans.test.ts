import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { backgroundContext } from '../../src/context.ts'
import { run } from '../../src/host/command.ts'
import { endOrphans, runFor } from '../../src/host/orphans.ts'
import { silentLog } from '../../src/log.ts'
import { context, rememberingLog, temporaryDirectory } from './fakes.ts'

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

/** A program of this name that nothing here ends: it leads no process group, so that no signal for one reaches it. */
async function unkillable(t: TestContext, owner: string, name: string, argument = ''): Promise<number> {
  const program = join(await temporaryDirectory(t), name)
  await writeFile(program, '#!/bin/sh\nmkfifo "$0.pipe"\nread -r _ <> "$0.pipe"\n')
  await chmod(program, 0o755)
  const script = `NETAPPDVP_STARTED='${owner} ${name}' ${program} ${argument} >&- 2>&- & echo $!`
  const pid = Number((await run(ctx, 'sh', ['-c', script])).stdout)
  t.after(() => process.kill(pid))
  while ((await readFile(`/proc/${pid}/comm`, 'utf8')).trim() !== name) await new Promise(setImmediate)
  return pid
}

test('a program that not even SIGKILL ends holds up the start, and is named, as is the unmount of a disk', async (t) => {
  for (const name of ['mkfs.ext4', 'umount']) {
    const owner = `/state/${process.pid}-${name}`
    const pid = await unkillable(t, owner, name)
    await assert.rejects(endOrphans(ctx, owner, 100), {
      code: 'COMMAND_TIMEOUT',
      message: new RegExp(`^Cannot start while ${name} \\(process ${pid}\\)`),
    })
  }
})

test('an unmount or a sync that waits for a server that is lost does not keep the other volumes from being served', async (t) => {
  for (const [name, argument] of [['umount', '--internal-only'], ['sync']] as const) {
    const owner = `/state/${process.pid}-nfs-${name}`
    const pid = await unkillable(t, owner, name, argument)
    const { log, lines } = rememberingLog()
    await endOrphans(context(log), owner, 100)
    assert.ok(lives(pid))
    assert.match(lines.at(-1)!.message, /waits in the kernel/)
  }
})
