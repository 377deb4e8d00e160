/** File systems (XFS) in sparse files, one a volume or snapshot, in one directory. */

import { mkdir, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from './program.ts'

export interface Images {
  pathOf(name: string): string
  /** Names of those there are. */
  names(): Promise<readonly string[]>
  /** Makes an empty file system in which `bytes` have room. */
  make(name: string, bytes: number): Promise<void>
  /** Puts the bytes of `from`, which nobody may be writing to, in a new file. What used the old one still has that. */
  copy(from: string, to: string): Promise<void>
  /** Makes the file larger, never smaller; the file system in it is as it was. @returns whether it was too small */
  extend(name: string, bytes: number): Promise<boolean>
  remove(name: string): Promise<void>
}

/** @param directory an absolute path, as loop devices name their files */
export async function openImages(directory: string): Promise<Images> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (const file of await readdir(directory)) if (file.endsWith(UNFINISHED)) await rm(join(directory, file))
  const unsupported = await knowsUnsupported()
  const pathOf = (name: string) => join(directory, `${encodeURIComponent(name)}${SUFFIX}`)
  return {
    pathOf,
    async names() {
      const files = (await readdir(directory)).filter((file) => file.endsWith(SUFFIX))
      return files.map((file) => decodeURIComponent(file.slice(0, -SUFFIX.length)))
    },
    async make(name, bytes) {
      const next = `${pathOf(name)}${UNFINISHED}`
      await writeFile(next, '', { mode: 0o600 })
      await truncate(next, fileBytes(bytes))
      await runProgram('mkfs.xfs', ['-q', '-K', ...unsupported, ...FORMAT, next])
      await rename(next, pathOf(name))
    },
    async copy(from, to) {
      const next = `${pathOf(to)}${UNFINISHED}`
      await runProgram('cp', ['--reflink=auto', '--sparse=always', '--', pathOf(from), next])
      await rename(next, pathOf(to))
    },
    async extend(name, bytes) {
      const { size } = await stat(pathOf(name))
      if (size >= fileBytes(bytes)) return false
      await truncate(pathOf(name), fileBytes(bytes))
      return true
    },
    remove: (name) => rm(pathOf(name), { force: true }),
  }
}

const SUFFIX = '.xfs'
/** Behind the name of what is not whole yet, or never was, because of a crash. */
const UNFINISHED = '.new'
const MIB = 1024 * 1024

/** The smallest log that file systems of every size can do with: its blocks are written at once. */
const LOG_BYTES = 4 * MIB
const TREES_BYTES = 256 * 1024
const BLOCK = 4096
const FORMAT = ['-l', `size=${LOG_BYTES}`, '-m', 'reflink=0,rmapbt=0']

/**
 * What XFS keeps of a file system for itself, and counts as used: a twentieth, 32 MiB at most.
 *
 * @see xfs_mount.c, xfs_default_resblks
 */
export function ownBytes(size: number): number {
  return Math.min(Math.floor(size / 20), 32 * MIB)
}

/** Beside what users may fill and what it keeps, it has its log and its trees. */
function fileBytes(bytes: number): number {
  const reserve = ownBytes((bytes * 20) / 19)
  return Math.ceil((bytes + bytes / 1000 + reserve + LOG_BYTES + TREES_BYTES) / BLOCK) * BLOCK
}

/** From xfsprogs 5.19 on nothing under 300 MB is made without it; before, it is not known. */
async function knowsUnsupported(): Promise<readonly string[]> {
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(await runProgram('mkfs.xfs', ['-V'])) ?? []
  return Number(major) * 100 + Number(minor) >= 519 ? ['--unsupported'] : []
}
