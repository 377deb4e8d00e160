/**
 * How long from exec to listening, and how much memory when idle: dist/netappdvp beside Node itself doing nothing but
 * listening, which is as good as a program on Node can get. Rounds alternate, so that both meet the same machine.
 *
 * `node scripts/bench-startup.ts [rounds]`
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { NODE_FLAGS } from './executable/flags.ts'

export interface Startup {
  readonly name: string
  /** Milliseconds from spawn to the first connection that was accepted. */
  readonly medianMs: number
  readonly minMs: number
  /** Memory of its own half a second later, in megabytes: the median. */
  readonly anonymousMb: number
  /** With the pages of the file that are in memory, which the kernel can drop and processes share. */
  readonly residentMb: number
  readonly fileMb: number
}

const root = resolve(import.meta.dirname, '..')
const SOCKET = 'run/docker/plugins/local-file.sock'
const IDLE_MS = 500
const GIVE_UP_MS = 20_000

export async function measureStartup(
  rounds = 20,
  executable = join(root, 'dist/netappdvp'),
): Promise<readonly Startup[]> {
  await access(executable)
  const directory = await mkdtemp(join(tmpdir(), 'netappdvp-bench-'))
  const bare = join(directory, 'bare.cjs')
  await writeFile(bare, "require('node:http').createServer().listen(process.argv[2])")
  const node = join(root, 'node_modules/.bin/node')

  const contestants: readonly Contestant[] = [
    {
      name: 'netappdvp',
      file: executable,
      args: ['--root', directory, '--volume-driver', 'local-file'],
      socket: join(directory, SOCKET),
    },
    {
      name: 'bare node',
      file: node,
      args: [...NODE_FLAGS, bare, `${directory}/bare.sock`],
      socket: `${directory}/bare.sock`,
    },
  ]
  const starts = contestants.map((): Start[] => [])

  try {
    for (const contestant of contestants) await startOnce(contestant) // the file is in memory from here on
    for (let round = 0; round < rounds; round++)
      for (const [index, contestant] of contestants.entries()) starts[index]!.push(await startOnce(contestant))
    return await Promise.all(contestants.map((contestant, index) => summary(contestant, starts[index]!)))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

interface Contestant {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly socket: string
}

interface Start {
  readonly ms: number
  readonly anonymousKb: number
  readonly residentKb: number
}

async function startOnce({ name, file, args, socket }: Contestant): Promise<Start> {
  await rm(socket, { force: true })
  const begun = performance.now()
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })
  try {
    while (!(await accepts(socket))) {
      if (child.exitCode !== null || performance.now() - begun > GIVE_UP_MS)
        throw new Error(`${name} does not listen:\n${words}`)
      await delay(1)
    }
    const ms = performance.now() - begun
    await delay(IDLE_MS)
    return { ms, ...(await memoryOf(child)) }
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      answer(true)
    })
    socket.on('error', () => answer(false))
  })
}

async function memoryOf(child: ChildProcess): Promise<{ anonymousKb: number; residentKb: number }> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
  return { anonymousKb: field('RssAnon'), residentKb: field('VmRSS') }
}

async function summary({ name, file }: Contestant, starts: readonly Start[]): Promise<Startup> {
  const times = starts.map(({ ms }) => ms)
  return {
    name,
    medianMs: median(times),
    minMs: Math.min(...times),
    anonymousMb: (median(starts.map(({ anonymousKb }) => anonymousKb)) * 1024) / 1e6,
    residentMb: (median(starts.map(({ residentKb }) => residentKb)) * 1024) / 1e6,
    fileMb: (await stat(file)).size / 1e6,
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
}

/** A table for people, one row a contestant. */
export function printStartup(rows: readonly Startup[]): string {
  const heading = ['exec to listening', 'median ms', 'min ms', 'anonymous MB', 'resident MB', 'file MB']
  const lines = rows.map((row) => [
    row.name,
    ...[row.medianMs, row.minMs, row.anonymousMb, row.residentMb, row.fileMb].map((value) => value.toFixed(1)),
  ])
  return [heading, ...lines]
    .map(([name, ...cells]) => `${name!.padEnd(18)}${cells.map((cell) => cell.padStart(14)).join('')}\n`)
    .join('')
}

if (import.meta.main) process.stdout.write(printStartup(await measureStartup(Number(process.argv[2] ?? 20))))
