/**
 * A machine with iSCSI, in a temporary directory: a sysfs tree laid out as the kernel does, and programs that act on it.
 * What the kernel would do when something is written to sysfs is a shell script, run by the `tee` that writes it.
 */

import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Places } from '../../../src/host/iscsi/places.ts'

/** A few milliseconds where the real ones are seconds. */
export const IMPATIENT = {
  pollMs: 5,
  appearMs: 400,
  nodeMs: 400,
  mapMs: 400,
  sizeMs: 400,
  reconnectMs: 50,
  vanishMs: 400,
}

/** Nodes every Linux has; a fake disk is told by the number of one of them. */
export const NODES = { null: '1:3', zero: '1:5', full: '1:7' } as const
export type NodeName = keyof typeof NODES

export const GIB_SECTORS = 2097152

export interface FakeSession {
  readonly sid: number
  readonly host?: number
  readonly target?: string
  readonly state?: string
  /** The one asked for. */
  readonly portal?: { readonly address: string; readonly port?: number }
  /** The one the array redirected to. */
  readonly current?: { readonly address: string; readonly port?: number }
}

export interface FakeDisk {
  readonly name: string
  readonly node: NodeName
  readonly naa: string
  readonly session: number
  readonly host?: number
  readonly lun?: number
  readonly sectors?: number
  readonly state?: string
}

export interface FakeMap {
  readonly kernelName: string
  readonly name: string
  readonly uuid: string
  readonly node: NodeName
  readonly paths: readonly string[]
  readonly sectors?: number
}

export const TARGET = 'iqn.2010-01.com.solidfire:abcd.db1.5'
export const NAA = '6f47acc1000000006162636400000005'
export const OTHER_NAA = '6f47acc1000000006162636400000006'

export class FakeMachine {
  readonly root: string
  readonly places: Places

  constructor(root: string) {
    this.root = root
    this.places = {
      sys: join(root, 'sys'),
      dev: join(root, 'dev'),
      nodeRecords: [join(root, 'etc/iscsi/nodes'), join(root, 'var/lib/iscsi/nodes')],
      initiatorName: join(root, 'etc/iscsi/initiatorname.iscsi'),
      multipathdPid: join(root, 'run/multipathd.pid'),
      udevData: join(root, 'run/udev/data'),
    }
  }

  /** `staged` things are not to be seen until a script moves them in: see `unveil`. */
  async session(session: FakeSession, root = this.root): Promise<void> {
    const { sid, host = sid + 1, target = TARGET, state = 'LOGGED_IN' } = session
    const { portal = { address: '10.0.0.7' }, current = portal } = session
    const device = join(root, `sys/devices/platform/host${host}/session${sid}`)
    await this.#files(join(device, `iscsi_session/session${sid}`), {
      targetname: target,
      state,
      tpgt: '1',
      target_id: '0',
    })
    await this.#files(join(device, `connection${sid}:0/iscsi_connection/connection${sid}:0`), {
      persistent_address: portal.address,
      persistent_port: `${portal.port ?? 3260}`,
      address: current.address,
      port: `${current.port ?? 3260}`,
    })
    await this.#link(join(device, `iscsi_session/session${sid}/device`), device)
    await this.#link(join(root, `sys/class/iscsi_session/session${sid}`), join(device, `iscsi_session/session${sid}`))
    await this.#link(
      join(root, `sys/class/iscsi_connection/connection${sid}:0`),
      join(device, `connection${sid}:0/iscsi_connection/connection${sid}:0`),
    )
    await mkdir(join(root, `sys/class/scsi_host/host${host}`), { recursive: true })
  }

  async disk(disk: FakeDisk, root = this.root): Promise<void> {
    const { name, node, naa, session, host = session + 1, lun = 0, sectors = GIB_SECTORS, state = 'running' } = disk
    const directory = lunDirectory(root, { session, host, lun })
    await this.#files(directory, { state, wwid: `naa.${naa}` })
    await writeFile(join(directory, 'vpd_pg83'), page83(naa))
    const block = join(directory, `block/${name}`)
    await this.#files(block, { dev: NODES[node], size: `${sectors}` })
    await mkdir(join(block, 'holders'), { recursive: true })
    await this.#link(join(block, 'device'), directory)
    await this.#link(join(root, `sys/block/${name}`), block)
    await this.#link(join(root, `sys/dev/block/${NODES[node]}`), block)
    await this.#link(join(root, `dev/${name}`), `/dev/${node}`)
  }

  async map(map: FakeMap, root = this.root): Promise<void> {
    const { kernelName, name, uuid, node, paths, sectors = GIB_SECTORS } = map
    const block = join(root, `sys/devices/virtual/block/${kernelName}`)
    await this.#files(join(block, 'dm'), { name, uuid })
    await this.#files(block, { dev: NODES[node], size: `${sectors}` })
    await mkdir(join(block, 'slaves'), { recursive: true })
    await mkdir(join(block, 'holders'), { recursive: true })
    await this.#link(join(root, `sys/block/${kernelName}`), block)
    await this.#link(join(root, `sys/dev/block/${NODES[node]}`), block)
    await this.#link(join(root, `dev/mapper/${name}`), `/dev/${node}`)
    for (const path of paths) {
      await this.#link(join(block, 'slaves', path), join(root, 'sys/block', path))
      await mkdir(join(root, 'sys/held', path), { recursive: true })
      await symlink(block, join(this.root, 'sys/block', path, 'holders', kernelName)).catch(() =>
        symlink(block, join(root, 'sys/held', path, kernelName)),
      )
    }
  }

  /** Prepares something out of sight. @returns the shell command that brings it to sight */
  async later(prepare: (root: string) => Promise<void>): Promise<string> {
    const name = `later${this.#staged++}`
    const stage = join(this.root, name)
    await mkdir(stage)
    await prepare(stage)
    return `cp -a ${stage}/. ${this.root}/; for held in ${stage}/sys/held/*; do [ -d "$held" ] && cp -a $held/. ${this.root}/sys/block/\${held##*/}/holders/; done; true`
  }
  #staged = 0

  async multipathd(): Promise<void> {
    await this.#files(join(this.root, 'run'), { 'multipathd.pid': `${process.pid}` })
  }

  async record(path: string, text = RECORD): Promise<string> {
    const file = join(this.places.nodeRecords[0]!, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { mode: 0o600 })
    return file
  }

  async #files(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(directory, { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), `${text}\n`)
  }

  /** Relative within the machine, as in sysfs, so that what is copied into place leads to its own. */
  async #link(at: string, to: string): Promise<void> {
    await mkdir(dirname(at), { recursive: true })
    await symlink(to.startsWith('/dev/') ? to : relative(dirname(at), to), at)
  }
}

/** Of the kernel's `H:C:T:L`. */
export function lunDirectory(
  root: string,
  { session, host = session + 1, lun = 0 }: { session: number; host?: number; lun?: number },
) {
  return join(root, `sys/devices/platform/host${host}/session${session}/target${host}:0:0/${host}:0:0:${lun}`)
}

/** As iscsiadm writes one for a new node, shortened. */
export const RECORD = `# BEGIN RECORD 2.1.8
node.name = ${TARGET}
node.tpgt = -1
node.startup = automatic
iface.iscsi_ifacename = default
node.session.auth.authmethod = None
node.conn[0].address = 10.0.0.7
# END RECORD
`

/**
 * The tee that writes to this machine's sysfs. `reactions` has shell patterns of "PATH VALUE" below `/sys`, and what the
 * kernel then does.
 */
export function kernel(reactions: Readonly<Record<string, string>> = {}): string {
  const cases = Object.entries(reactions).map(([pattern, action]) => `  ${pattern}) ${action};;`)
  return ['value=$(cat)', `case "\${2#*/sys/} $value" in`, ...cases, 'esac'].join('\n')
}

/** Page 83 with a name by the vendor, the NAA of the LUN, and an NAA of the port, which is no identity of the LUN. */
export function page83(naa: string): Buffer {
  const descriptor = (association: number, type: number, name: Buffer) =>
    Buffer.concat([Buffer.from([1, (association << 4) | type, 0, name.length]), name])
  const body = Buffer.concat([
    descriptor(0, 1, Buffer.from('SolidFirabcd')),
    descriptor(0, 3, Buffer.from(naa, 'hex')),
    descriptor(1, 3, Buffer.from('5000000000000001', 'hex')),
  ])
  return Buffer.concat([Buffer.from([0, 0x83, body.length >> 8, body.length & 0xff]), body])
}
