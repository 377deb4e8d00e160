/** Whether dist/netappdvp is older than what it is made of. */

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const MADE_OF = ['bin', 'src', 'scripts/executable', 'package.json', 'package-lock.json']

export async function isStale(root: string): Promise<boolean> {
  const built = await changedAt(join(root, 'dist/netappdvp'))
  const sources = await Promise.all(MADE_OF.map((name) => newest(join(root, name))))
  return built === undefined || sources.some((changed) => changed > built)
}

/** The latest change of a file, or of a directory and anything in it. */
async function newest(path: string): Promise<number> {
  const below = await readdir(path, { recursive: true }).catch(() => [])
  const changes = await Promise.all([path, ...below.map((name) => join(path, name))].map(changedAt))
  return Math.max(...changes.map((changed) => changed ?? 0))
}

async function changedAt(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs
}
