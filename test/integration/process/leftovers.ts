/** What an instance has left on the machine that it should not have, found without asking it. */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { pathsOf } from '../../../src/daemon/paths.ts'
import { mountAt, readMounts } from '../../../src/host/mountinfo.ts'
import type { StoredJournal } from '../../../src/volumes/state/journal.ts'
import { storedMounts } from './docker.ts'

export const run = promisify(execFile)

/**
 * One sentence each; empty for an instance all of whose volumes were removed, and that has ended in order.
 *
 * A `journal.json.new` is nothing: a write that was cut short leaves it, and the next one begins with it.
 */
export async function leftovers(root: string, volumes = volumesOf(root)): Promise<readonly string[]> {
  const paths = pathsOf('local-file', root)
  const { intents } = JSON.parse(await readFile(paths.journal, 'utf8')) as StoredJournal
  const { mounts } = await storedMounts(paths.mounts)
  const listed = async (directory: string) => (existsSync(directory) ? await readdir(directory) : [])
  return [
    ...intents.map((intent) => `the journal has an intent: ${JSON.stringify(intent)}`),
    ...Object.keys(mounts).map((name) => `mounts.json has ${name}`),
    ...(await listed(volumes)).filter((name) => name !== MARKER).map((name) => `the volumes' directory has ${name}`),
    ...(await listed(paths.mountRoot)).map((name) => `the mount root has ${name}`),
    ...[paths.socket, paths.spec].filter(existsSync).map((path) => `${path} is there`),
    ...(await mountsBelow(root)).map((path) => `${path} is mounted`),
    ...(await loopsOn(volumes)).map(({ device, file }) => `${device} is made of ${file}`),
    ...(await processesOf(root)).map(({ pid, command }) => `process ${pid} lives on: ${command}`),
  ]
}

/** Stays: it tells the directory from another (src/drivers/local-file/marker.ts). */
const MARKER = '.netappdvp'

/** Volumes, and what is left of making and removing them; without the directory's own mark. */
export async function volumesIn(directory: string): Promise<readonly string[]> {
  const names = existsSync(directory) ? await readdir(directory) : []
  return names.filter((name) => name !== '.netappdvp').sort()
}

export function volumesOf(root: string): string {
  return `${pathsOf('local-file', root).state}/volumes`
}

export async function mountsBelow(root: string): Promise<readonly string[]> {
  return (await readMounts()).map(({ mountpoint }) => mountpoint).filter((path) => path.startsWith(`${root}/`))
}

export async function isMounted(mountpoint: string): Promise<boolean> {
  return mountAt(await readMounts(), mountpoint) !== undefined
}

/** Loop devices on files below a directory, deleted ones too. */
export async function loopsOn(directory: string): Promise<readonly { device: string; file: string }[]> {
  const { stdout } = await run('losetup', ['--list', '--noheadings', '--output', 'NAME,BACK-FILE'])
  return stdout
    .split('\n')
    .map((line) => /^(\S+)\s+(.*)$/.exec(line))
    .filter((row) => row?.[2]?.startsWith(`${directory}/`))
    .map((row) => ({ device: row![1]!, file: row![2]! }))
}

/**
 * Processes that an instance has started, helpers that outlived it too. Helpers get its PATH, and tests put a directory
 * below the root into that.
 */
export async function processesOf(root: string): Promise<readonly { pid: number; command: string }[]> {
  const found = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)) {
    const environ = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    if (!environ.includes(`PATH=${root}/`)) continue
    const command = (await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).replaceAll('\0', ' ').trim()
    if (command !== '') found.push({ pid, command })
  }
  return found
}

/** True when writes to the filesystem stood still. They do not afterwards. */
export async function thawIfFrozen(mountpoint: string): Promise<boolean> {
  return run('fsfreeze', ['--unfreeze', mountpoint]).then(
    () => true,
    () => false,
  )
}

/** For a test that failed: takes away what is left of an instance, whatever state it is in. */
export async function clearAway(root: string, volumes = volumesOf(root)): Promise<void> {
  for (const { pid } of await processesOf(root)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {}
  }
  for (const path of (await mountsBelow(root)).toReversed()) {
    await thawIfFrozen(path)
    await run('umount', ['--lazy', path]).catch(() => {})
  }
  for (const { device } of await loopsOn(volumes)) await run('losetup', ['--detach', device]).catch(() => {})
}
