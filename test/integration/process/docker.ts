/** Docker's calls as a container's life makes them, each of which has to succeed. */

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredMounts } from '../../../src/volumes/state/mounts.ts'
import type { Daemon } from './daemon.ts'
import { until } from './poll.ts'

export async function create(daemon: Daemon, name: string, options: Readonly<Record<string, string>> = SMALL) {
  return succeed(daemon, 'Create', { Name: name, Opts: options })
}

/** @returns where it is mounted, once the daemon has recorded that the answer has arrived */
export async function mount(daemon: Daemon, name: string, id: string): Promise<string> {
  const { Mountpoint } = await succeed(daemon, 'Mount', { Name: name, ID: id })
  await settled(daemon)
  return String(Mountpoint)
}

export function unmount(daemon: Daemon, name: string, id: string) {
  return succeed(daemon, 'Unmount', { Name: name, ID: id })
}

export function remove(daemon: Daemon, name: string) {
  return succeed(daemon, 'Remove', { Name: name })
}

/** The answer's body. */
export async function succeed(daemon: Daemon, verb: string, body: unknown): Promise<Record<string, unknown>> {
  const told = await daemon.call(verb, body)
  assert.equal(told.status, 200, `${verb} ${JSON.stringify(body)}: ${told.body['Err']}`)
  return told.body
}

export const SMALL = { size: '20m' }

/** Resolves when every answer to a Mount is on record as arrived. */
export async function settled({ paths }: Daemon): Promise<void> {
  await until('the record shows that Docker has its answers', async () => {
    const { mounts } = await storedMounts(paths.mounts)
    const claims = Object.values(mounts).flatMap((record) => Object.values(record.claims))
    return claims.every(({ unanswered }) => unanswered === 0)
  })
}

export async function storedMounts(path: string): Promise<StoredMounts> {
  return JSON.parse(await readFile(path, 'utf8')) as StoredMounts
}

/** How often each mount ID holds the volume, by the record on disk. */
export async function claimsOf({ paths }: Daemon, name: string): Promise<Readonly<Record<string, number>>> {
  const claims = (await storedMounts(paths.mounts)).mounts[name]?.claims ?? {}
  return Object.fromEntries(Object.entries(claims).map(([id, { count }]) => [id, count]))
}

/** Puts a file with random content into a volume. @returns its checksum */
export async function writeData(mountpoint: string): Promise<string> {
  const bytes = randomBytes(1 << 20)
  await using file = await open(join(mountpoint, DATA), 'w')
  await file.writeFile(bytes)
  await file.sync()
  return checksum(bytes)
}

/** Undefined when the volume has no such file. */
export async function readData(mountpoint: string): Promise<string | undefined> {
  const path = join(mountpoint, DATA)
  return existsSync(path) ? checksum(await readFile(path)) : undefined
}

const DATA = 'container-data'

function checksum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
