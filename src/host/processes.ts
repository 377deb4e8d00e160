/** Who uses a directory, from /proc alone: nothing at the directory itself is touched. */

import { readdir, readFile, readlink } from 'node:fs/promises'

export interface ProcessName {
  readonly pid: number
  readonly name: string
}

/** The first few processes with a file open, or a working directory, at or below `directory`. */
export async function processesUsing(directory: string, limit = 5): Promise<readonly ProcessName[]> {
  const found: ProcessName[] = []
  for (const pid of await processIds()) {
    if (!(await pathsOf(pid)).some((path) => path === directory || path.startsWith(`${directory}/`))) continue
    found.push({ pid, name: await nameOf(pid) })
    if (found.length === limit) break
  }
  return found
}

export async function processIds(): Promise<readonly number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
}

/** What a process has open and where it stands; nothing of one that has ended. */
async function pathsOf(pid: number): Promise<readonly string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = ['cwd', 'root', 'exe', ...descriptors.map((descriptor) => `fd/${descriptor}`)]
  return Promise.all(links.map((link) => readlink(`/proc/${pid}/${link}`).catch(() => '')))
}

export async function nameOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '?')).trim()
}
