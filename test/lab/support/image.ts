/**
 * The machine every lab begins with: booted, with dockerd at work, and frozen. Made once, kept outside the checkout.
 *
 *   ~/.cache/netappdvp-lab/<key>/          one image; the key is made of all that it was made with
 *   ~/.cache/netappdvp-lab/<key>.<pid>/    one that is being made, or was when its maker was ended
 *   ~/.cache/netappdvp-lab/runs/           a directory for each machine that runs
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { QEMU, qemuVersion } from './qemu.ts'

export const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'netappdvp-lab')

export const RUNS = join(CACHE, 'runs')

/** Paths of what an image consists of. */
export interface Image {
  readonly directory: string
  readonly keyFile: string
  readonly rootDisk: string
  readonly arrayDisk: string
  readonly memoryFile: string
  readonly stateFile: string
}

/** Why there can be no lab on this machine; false when there can. */
export function whyNoLab(): string | false {
  if (process.arch !== 'x64') return `its machines are x64, and this one is ${process.arch}`
  for (const program of [QEMU, 'qemu-img', 'ssh', 'flock', 'setpriv', 'mkfs.ext4']) {
    if (!has(program))
      return `needs ${program}, which is not installed: scripts/lab prepare installs it as root on Debian`
  }
  if (existsSync(imageDirectory())) return false
  if (process.getuid?.() !== 0) return 'needs root to make the image of its machines'
  if (!existsSync('/etc/debian_version'))
    return 'makes the image of its machines of the packages of Debian, which this is not'
  const missing = ['mmdebstrap', 'cpio', 'mkfs.xfs', 'ssh-keygen'].find((program) => !has(program))
  return missing !== undefined && `needs ${missing}, which is not installed: scripts/lab prepare installs it`
}

/** Makes it, if it is not there yet, which takes a minute or two; another process that makes it is waited for. */
export function readyImage(): Image {
  const directory = imageDirectory()
  if (!existsSync(directory)) {
    mkdirSync(CACHE, { recursive: true })
    const make = [process.execPath, join(import.meta.dirname, 'make-image.ts')]
    const { status } = spawnSync('flock', [join(CACHE, 'lock'), ...make], { stdio: ['ignore', 2, 2] })
    if (status !== 0) throw new Error('the image of the lab was not made; what is written above says why')
  }
  const now = new Date()
  utimesSync(directory, now, now)
  return imageIn(directory)
}

export function imageIn(directory: string): Image {
  return {
    directory,
    keyFile: join(directory, 'key'),
    rootDisk: join(directory, 'root.raw'),
    arrayDisk: join(directory, 'array.raw'),
    memoryFile: join(directory, 'memory'),
    stateFile: join(directory, 'state'),
  }
}

/** Under the lock: makes the image with `make`, unless it has been made meanwhile. A half one is never seen. */
export async function makeOnce(make: (directory: string) => Promise<void>): Promise<void> {
  const directory = imageDirectory()
  if (existsSync(directory)) return
  for (const name of readdirSync(CACHE)) {
    // Whoever made these is no more, or would hold the lock.
    if (/^[0-9a-f]+\.\d+$/.test(name)) rmSync(join(CACHE, name), { recursive: true })
  }
  const beingMade = `${directory}.${process.pid}`
  mkdirSync(beingMade)
  try {
    await make(beingMade)
    renameSync(beingMade, directory)
  } finally {
    rmSync(beingMade, { recursive: true, force: true })
  }
  removeUnused()
}

/** A directory for one machine, of which `image` will be needed while it runs. */
export function runDirectory(image: Image): string {
  mkdirSync(RUNS, { recursive: true })
  removeEnded()
  const directory = mkdtempSync(`${RUNS}/`)
  writeFileSync(join(directory, 'image'), image.directory)
  writeFileSync(join(directory, 'starter'), String(process.pid))
  return directory
}

const WEEK_MS = 7 * 24 * 3600_000

function imageDirectory(): string {
  const sum = createHash('sha256').update(qemuVersion()).update(readFileSync('/etc/os-release'))
  const parts = join(import.meta.dirname, '../image')
  const files = readdirSync(parts, { recursive: true, encoding: 'utf8' }).map((name) => join(parts, name))
  const own = ['make-image.ts', 'qemu.ts'].map((name) => join(import.meta.dirname, name))
  for (const file of [...files, ...own].sort()) {
    const { mode } = statSync(file)
    if (!statSync(file).isFile()) continue
    const executable = (mode & 0o100) !== 0
    sum.update(`${file.slice(parts.length)} ${executable}\n`).update(readFileSync(file))
  }
  return join(CACHE, sum.digest('hex').slice(0, 16))
}

/** Those of which no machine has been started for a week, and none runs. */
function removeUnused(): void {
  const used = existsSync(RUNS) ? readdirSync(RUNS).map((name) => textOf(join(RUNS, name, 'image'))) : []
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name)
    const isOld = () => statSync(path).mtimeMs < Date.now() - WEEK_MS
    if (/^[0-9a-f]{16}$/.test(name) && !used.includes(path) && isOld()) rmSync(path, { recursive: true })
  }
}

/** Directories whose machine was ended with the process that had started it. */
function removeEnded(): void {
  for (const name of readdirSync(RUNS)) {
    const path = join(RUNS, name)
    const inUse = [textOf(join(path, 'starter')), textOf(join(path, 'pid'))].some(isAlive)
    if (!inUse) rmSync(path, { recursive: true, force: true })
  }
}

function isAlive(pid: string): boolean {
  return pid.trim() !== '' && existsSync(`/proc/${pid.trim()}`)
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

function has(program: string): boolean {
  const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  return places.some((place) => existsSync(join(place, program)))
}
