/** A machine with NFS, in a temporary directory: a table of mounts, and programs of mount(8) that write to it. */

import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { run } from '../../../src/host/command.ts'
import { parseMounts } from '../../../src/host/mountinfo.ts'
import type { NfsTools } from '../../../src/host/nfs/tools.ts'
import type { NfsPublication } from '../../../src/publication.ts'
import { scripted, temporaryDirectory } from '../fakes.ts'

/** An address of nobody; what goes to the loopback address is answered at once, if only by a refusal. */
export const SERVER = '192.0.2.5'
export const HERE = '127.0.0.1'

export function publicationOf(changes: Partial<NfsPublication> = {}): NfsPublication {
  const rules = { exportPolicy: 'docker', svm: 'svm1' }
  return { kind: 'nfs', server: HERE, path: '/db1', options: ['nfsvers=4.1'], ...rules, ...changes }
}

export interface Programs {
  /** What mount(8) does, in the shell's words: see below. */
  readonly mount?: string
  readonly umount?: string
  /** Lines of `getent ahosts`. */
  readonly getent?: string
}

/** A mount(8) that does it. */
export const MOUNTS = 'now_mounted "$@"'

export const UNMOUNTS = 'now_unmounted "$@"'

/** One that says this and fails. */
export function refuses(words: string): string {
  return `echo 'mount.nfs: ${words}' >&2; exit 32`
}

/** One that does not end by itself. */
export const HANGS = 'exec sleep 60'

export class NfsMachine {
  readonly mountpoint: string
  readonly tools: NfsTools
  readonly calls: (program: string) => Promise<readonly string[]>
  readonly #table: string

  static async of(t: TestContext, programs: Programs = {}): Promise<NfsMachine> {
    const root = await temporaryDirectory(t)
    const table = join(root, 'mountinfo')
    await appendFile(table, '20 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n')
    const { mount = MOUNTS, umount = UNMOUNTS, getent = 'exit 2' } = programs
    const calls = await scripted(t, {
      mount: `${acting(table)}\n${mount}`,
      umount: `${acting(table)}\n${umount}`,
      'mount.nfs': '',
      getent,
    })
    return new NfsMachine(root, table, calls)
  }

  private constructor(root: string, table: string, calls: NfsMachine['calls']) {
    this.mountpoint = join(root, 'volumes/db1')
    this.calls = calls
    this.#table = table
    this.tools = {
      run,
      mounts: async () => parseMounts(await readFile(table, 'utf8')),
      places: { rpcbindPort: 9, statd: 'no-such-statd', startStatd: 'no-such-start-statd' },
      patience: { mountMs: 400, retryMs: 0, pauseMs: 5, unmountMs: 400, answerMs: 200 },
    }
  }

  /** Puts a mount into the table, and makes its mount point. */
  async mounted(source: string, { mountpoint = this.mountpoint, fstype = 'nfs4', device = '0:37', options = '' } = {}) {
    await mkdir(mountpoint, { recursive: true })
    const id = 100 + Math.floor((await readFile(this.#table, 'utf8')).length)
    const line = `${id} 20 ${device} / ${mountpoint} rw shared:9 - ${fstype} ${source} rw,proto=tcp${options}`
    await appendFile(this.#table, `${line}\n`)
  }

  async isMounted(): Promise<boolean> {
    return (await this.tools.mounts()).some(({ mountpoint }) => mountpoint === this.mountpoint)
  }
}

/**
 * What these programs do to the table. mount is called with `-t nfs -o OPTIONS -- SOURCE MOUNTPOINT`; umount takes away
 * the last mount of its last argument.
 */
function acting(table: string): string {
  return `
now_mounted() {
  printf '87 20 0:37 / %s rw shared:9 - nfs4 %s rw,proto=tcp,addr=${HERE}\\n' "$7" "$6" >> '${table}'
}
now_unmounted() {
  for point; do :; done
  line=$(grep -n -F " $point " '${table}' | tail -n 1 | cut -d : -f 1)
  sed -i "$line d" '${table}'
}
`
}
