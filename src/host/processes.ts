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
    found.push({ pid, name: (await statusOf(pid)).name })
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

/** The name has at most 15 characters; of a process that has ended, it is `?`. @see proc_pid_stat(5) */
export async function statusOf(pid: number): Promise<{ readonly name: string; readonly parent: number }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/s.exec(text) ?? []
  return { name: name ?? '?', parent: Number(parent ?? 0) }
}
