/**
 * The NFS server of the Linux kernel, with its helpers rpc.mountd, exportfs and rpcbind.
 *
 * The kernel has one of them. While a simulated array has it, the machine cannot serve files of its own; its own exports
 * and settings are not touched. Clients name paths below one directory, which is their `/`.
 *
 * @see nfsd(7), rpc.nfsd(8), rpc.mountd(8), nfs.conf(5): [exports] rootdir
 */

import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportsText, type NfsExport } from './nfs-exports.ts'
import { bootId, isAlive, readMark, writeMark } from './nfs-mark.ts'
import type { Room } from './nfs-room.ts'
import { type RunningProgram, runProgram, startProgram } from './program.ts'

export interface NfsServerSettings {
  /** For files of its own. */
  readonly directory: string
  /** What clients see as `/`. */
  readonly root: string
}

export interface NfsListening {
  /** Of this machine. */
  readonly addresses: readonly string[]
  /** Of `3`, `4.0`, `4.1`, `4.2`. */
  readonly versions: readonly string[]
}

export interface NfsServer {
  /** Makes these the exports, and no others. */
  setExports(exports: readonly NfsExport[]): Promise<void>
  /** Begins to answer, or to answer elsewhere. Clients that knew the server before have ten seconds to say so. */
  start(listening: NfsListening): Promise<void>
  /** Answers nobody. Clients wait, and go on once it is started again. */
  stop(): Promise<void>
  /** Stops, and gives the kernel's server back. */
  close(): Promise<void>
}

/** @throws Error when a program is missing or too old, or the machine's own NFS server is at work */
export async function openNfsServer(room: Room, settings: NfsServerSettings): Promise<NfsServer> {
  const server = new KernelServer(room, settings)
  await server.prepare()
  return server
}

const NFSD = '/proc/fs/nfsd'
const THREADS = '8'
/** The shortest the kernel allows. */
const GRACE_SECONDS = '10'
const VERSIONS = ['3', '4.0', '4.1', '4.2']

class KernelServer implements NfsServer {
  readonly #room: Room
  readonly #directory: string
  readonly #root: string
  readonly #mark: string
  #mountd: RunningProgram | undefined
  #rpcbind: RunningProgram | undefined
  /** Whether clients may remember an earlier server. */
  #known = false

  constructor(room: Room, { directory, root }: NfsServerSettings) {
    this.#room = room
    this.#directory = directory
    this.#root = root
    this.#mark = join(directory, 'serving')
  }

  async prepare(): Promise<void> {
    await runProgram('modprobe', ['nfsd'])
    await this.#furnish()
    const last = await readMark(this.#mark)
    this.#known = last !== undefined
    const threads = await this.#threads()
    if (threads === 0) return
    // What an earlier process of this array has left, which did not end in order.
    if (last === undefined || last.boot !== (await bootId())) {
      throw new Error(
        `The NFS server of this machine is at work (${threads} threads), and a simulated array needs it. Stop it: "systemctl stop nfs-server".`,
      )
    }
    if (await isAlive(last)) {
      throw new Error(`Another simulated array serves ${this.#directory}: end process ${last.pid} first.`)
    }
    await this.stop()
  }

  async setExports(exports: readonly NfsExport[]): Promise<void> {
    await writeFile(join(this.#directory, 'exports'), exportsText(exports))
    await this.#room.run('exportfs', ['-ra'])
  }

  async start({ addresses, versions }: NfsListening): Promise<void> {
    await this.stop()
    if (versions.length === 0 || addresses.length === 0) return
    await writeMark(this.#mark)
    await this.#ensureRpcbind()
    const options = [
      ...addresses.flatMap((address) => ['--host', address]),
      ...VERSIONS.flatMap((version) => [versions.includes(version) ? '-V' : '-N', version]),
      ...(versions.some((version) => version.startsWith('4')) ? [] : ['-N', '4']),
    ]
    await this.#room.run('rpc.nfsd', [...options, '-G', GRACE_SECONDS, '-L', GRACE_SECONDS, THREADS])
    await this.#ensureMountd()
    if (!this.#known) await this.#endGrace()
    this.#known = true
  }

  async stop(): Promise<void> {
    if ((await this.#threads()) > 0) await this.#room.run('rpc.nfsd', ['0'])
  }

  async close(): Promise<void> {
    await this.stop()
    // Also has the kernel forget what it knew of them, and so let go of their file systems.
    await this.#room.run('exportfs', ['-ua'])
    await this.#room.run('exportfs', ['-f'])
    await this.#mountd?.end()
    await this.#rpcbind?.end()
  }

  /** Puts settings and lists of our own where the programs look for the machine's. */
  async #furnish(): Promise<void> {
    const { run } = this.#room
    const files = { 'nfs.conf': `[exports]\nrootdir=${this.#root}\n`, exports: '' }
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(this.#directory, name), text)
      await run('mount', ['--bind', join(this.#directory, name), `/etc/${name}`]).catch((error: Error) => {
        throw new Error(
          `This machine has no /etc/${name}, so it has no NFS server: install nfs-kernel-server 2.5 or later (nfs-utils). ${error.message}`,
          { cause: error },
        )
      })
    }
    await mkdir(join(this.#directory, 'lists/v4recovery'), { recursive: true })
    for (const list of ['etab', 'rmtab']) await writeFile(join(this.#directory, 'lists', list), '')
    await run('mount', ['--bind', join(this.#directory, 'lists'), '/var/lib/nfs'])
    if (!existsSync(this.#room.pathOf(join(NFSD, 'threads')))) await run('mount', ['-t', 'nfsd', 'nfsd', NFSD])
  }

  /** Of the kernel's server; 0 when it answers nobody. */
  async #threads(): Promise<number> {
    return Number(await readFile(this.#room.pathOf(join(NFSD, 'threads')), 'utf8'))
  }

  /** rpcbind tells clients of NFS 3 where mountd listens. The machine's own is used when there is one. */
  async #ensureRpcbind(): Promise<void> {
    if (this.#rpcbind?.running() || (await rpcbindAnswers())) return
    await mkdir('/run/rpcbind', { recursive: true })
    this.#rpcbind = await startProgram('rpcbind', ['-f'], rpcbindAnswers)
  }

  /** mountd also answers the kernel, of any version of NFS. */
  async #ensureMountd(): Promise<void> {
    if (this.#mountd?.running()) return
    this.#mountd = await this.#room.start('rpc.mountd', ['--foreground'], mountdAnswers)
  }

  /** Nobody has anything to claim from a server that has never been. */
  async #endGrace(): Promise<void> {
    // Where the kernel has no NFS 4, there is nothing to end.
    await writeFile(this.#room.pathOf(join(NFSD, 'v4_end_grace')), 'Y').catch(() => {})
  }
}

function rpcbindAnswers(): Promise<boolean> {
  return succeeds('rpcinfo', ['-p', '127.0.0.1'])
}

function mountdAnswers(): Promise<boolean> {
  return succeeds('rpcinfo', ['-t', '127.0.0.1', 'mountd', '3'])
}

function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return runProgram(program, args).then(
    () => true,
    () => false,
  )
}
