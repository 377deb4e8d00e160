/** What is mounted where, from the kernel's own table. Never touches a mount point, which may hang. */

import { readFile } from 'node:fs/promises'

export interface Mount {
  readonly id: number
  /** The mount this one sits on; of two at one path, the upper one's parent is the lower one. */
  readonly parentId: number
  /** `major:minor` of the filesystem's device. */
  readonly device: string
  /** The directory of the filesystem that is seen at `mountpoint`. */
  readonly root: string
  readonly mountpoint: string
  readonly options: string
  /** Propagation: `shared:1`, `master:1`, `propagate_from:1`, `unbindable`. */
  readonly tags: readonly string[]
  readonly fstype: string
  readonly source: string
  readonly superOptions: string
}

/**
 * The mounts a process sees, in the kernel's order.
 *
 * The kernel hands the table out a page at a time, and before Linux 5.8 a mount made meanwhile could hide another.
 * So it is read until two readings agree, a few times at most; then the last one counts.
 */
export async function readMounts(pid: number | 'self' = 'self'): Promise<readonly Mount[]> {
  const path = `/proc/${pid}/mountinfo`
  let text = await readFile(path, 'utf8')
  for (let reading = 2; reading <= MAX_READINGS; reading++) {
    const again = await readFile(path, 'utf8')
    if (again === text) break
    text = again
  }
  return parseMounts(text)
}

/** The topmost mount at exactly this path: the one a process that goes there sees. */
export function mountAt(mounts: readonly Mount[], path: string): Mount | undefined {
  const here = mounts.filter(({ mountpoint }) => mountpoint === path)
  return here.findLast(({ id }) => !here.some(({ parentId }) => parentId === id)) ?? here.at(-1)
}

/**
 * Parses /proc/<pid>/mountinfo, one line a mount, as proc_pid_mountinfo(5) has it:
 *   36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *
 * The number of tags varies, and source may be empty. Lines of another shape are skipped.
 */
export function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => parseMount(line) ?? [])
}

const MAX_READINGS = 4
const TAGS_BEGIN = 6

function parseMount(line: string): Mount | undefined {
  const fields = line.split(' ')
  const dash = fields.indexOf('-', TAGS_BEGIN)
  if (dash === -1 || fields.length < dash + 4) return undefined

  const [id, parentId, device, root, mountpoint, options] = fields as [string, string, string, string, string, string]
  const [fstype, source, superOptions] = fields.slice(dash + 1) as [string, string, string]
  if (!/^\d+$/.test(id) || !/^\d+$/.test(parentId) || !/^\d+:\d+$/.test(device)) return undefined
  return {
    id: Number(id),
    parentId: Number(parentId),
    device,
    root: unescapeOctal(root),
    mountpoint: unescapeOctal(mountpoint),
    options,
    tags: fields.slice(TAGS_BEGIN, dash),
    fstype: unescapeOctal(fstype),
    source: unescapeOctal(source),
    superOptions,
  }
}

/** The kernel writes space, tab, newline, backslash and, in a source, `#` as `\` and three octal digits. */
function unescapeOctal(field: string): string {
  return field.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
