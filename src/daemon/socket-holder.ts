/** Which process listens on a unix socket: for saying who is in the way. */

import { readdir, readFile, readlink, stat } from 'node:fs/promises'

export interface Holder {
  readonly pid: number
  readonly uid: number
  /** As typed, cut to a length fit for a message. */
  readonly command: string
}

/** @param name a path, or an abstract name with its leading NUL; undefined when no process here is seen to hold it */
export async function holderOf(name: string): Promise<Holder | undefined> {
  const inode = inodeIn(await readFile('/proc/net/unix', 'utf8'), name.replace(/^\0/, '@'))
  if (inode === undefined) return undefined
  for (const entry of await readdir('/proc')) {
    if (/^\d+$/.test(entry) && (await holds(entry, `socket:[${inode}]`))) return describe(entry)
  }
  return undefined
}

/** Listening sockets have the flag 00010000 (`__SO_ACCEPTCON`). Columns: Num RefCount Protocol Flags Type St Inode Path. */
function inodeIn(table: string, path: string): string | undefined {
  const rows = table.split('\n').map((line) => /^\S+: \S+ \S+ (\S+) \S+ \S+ +(\d+) (.+)$/.exec(line))
  return rows.find((row) => row?.[1] === '00010000' && row[3] === path)?.[2]
}

async function holds(pid: string, link: string): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  return links.includes(link)
}

async function describe(pid: string): Promise<Holder | undefined> {
  try {
    const { uid } = await stat(`/proc/${pid}`)
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim().slice(0, 200)
    return { pid: Number(pid), uid, command }
  } catch {
    return undefined
  }
}
