/** A note on disk of who has the kernel's NFS server, for whoever comes after a process that did not end in order. */

import { readFile, writeFile } from 'node:fs/promises'

export interface Mark {
  readonly boot: string
  readonly pid: number
  /** When it began, in ticks since the boot. */
  readonly began: string
}

export async function writeMark(path: string): Promise<void> {
  const mark: Mark = { boot: await bootId(), pid: process.pid, began: await beginningOf(process.pid) }
  await writeFile(path, JSON.stringify(mark))
}

/** Undefined when there is none. */
export async function readMark(path: string): Promise<Mark | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Mark
  } catch {
    return undefined
  }
}

/** Whether it is at work: another process than this. */
export async function isAlive({ pid, began }: Mark): Promise<boolean> {
  return pid !== process.pid && (await beginningOf(pid).catch(() => '')) === began
}

/** @see proc_pid_stat(5): the 22nd field; the second is in brackets and may hold anything */
async function beginningOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

export function bootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8')
}
