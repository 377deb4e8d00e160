/**
 * A virtual machine without hardware support: qemu translates its code, which needs no right and works in containers.
 *
 * The list of devices, the processor and the memory are one for all, since a machine that was frozen runs on only where
 * it finds the same.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../integration/support/until.ts'
import { type Monitor, openMonitor } from './monitor.ts'

export const QEMU = 'qemu-system-x86_64'

export interface VmOptions {
  /** Has the machine's kernel and initrd. */
  readonly image: string
  /** Has its disks, and gets its sockets and its pid file. */
  readonly directory: string
  readonly disks: Disks
  /** A new machine boots, and its memory is in the file `memory`; else one that was frozen there runs on. */
  readonly memory: { readonly file: string; readonly frozenState?: string }
  /** UDP port of 127.0.0.1 that joins the machines of one network; without it the machine is alone there. */
  readonly lanPort?: number
  /** Whether it goes on when this process has ended. */
  readonly lasting?: boolean
}

/** /dev/vda, /dev/vdb and /dev/vdc. The second is read only, and is PROGRAM_DISK_BYTES long. */
export interface Disks {
  readonly root: string
  readonly program: string
  readonly array: string
  readonly format: 'raw' | 'qcow2'
}

export const PROGRAM_DISK_BYTES = 512 * 1024 * 1024

export interface Vm {
  /** Of 127.0.0.1, and leads to the machine's port 22. */
  readonly sshPort: number
  readonly monitor: Monitor
  /** Resolves when qemu is no more. */
  readonly ended: Promise<unknown>
  /** Ends qemu, as if the plug were pulled. Safe to repeat. */
  end(): Promise<void>
}

export async function startVm(options: VmOptions): Promise<Vm> {
  const { directory, memory, lasting = false } = options
  const log = openSync(join(directory, 'qemu.log'), 'w')
  const [program, ...args] = [...(lasting ? [] : DIES_WITH_PARENT), QEMU, ...argumentsOf(options)]
  // Out of reach of a Ctrl-C that is meant for the tests.
  const child = spawn(program!, args, { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  const ended = once(child, 'exit')
  try {
    const socket = join(directory, 'monitor')
    await until('qemu has a monitor', () => alive(child, directory) && existsSync(socket))
    const monitor = await openMonitor(socket)
    if (memory.frozenState !== undefined) await thaw(monitor, memory.frozenState)
    const vm: Vm = {
      sshPort: portOf(await monitor.say('info usernet')),
      monitor,
      ended,
      async end() {
        monitor.close()
        child.kill('SIGKILL')
        await ended
        rmSync(join(directory, 'pid'), { force: true })
      },
    }
    if (lasting) child.unref()
    return vm
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

/** Stops the machine, writes what is not memory to a file, and ends qemu. Its memory file and disks are then complete. */
export async function freeze(vm: Vm, stateFile: string): Promise<void> {
  await vm.monitor.ask('stop')
  await keepMemoryInItsFile(vm.monitor)
  await vm.monitor.ask('migrate', { uri: `exec:cat >'${stateFile}'` })
  await migrated(vm.monitor)
  // It may be gone before it has answered.
  await vm.monitor.ask('quit').catch(() => {})
  await vm.ended
}

export function qemuVersion(): string {
  return execFileSync(QEMU, ['--version'], { encoding: 'utf8' }).split('\n')[0]!
}

const DIES_WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL']

/** Without a hardware clock's precision, mitigations or a log of audits: it is slow enough. */
const KERNEL = [
  'console=ttyS0',
  'quiet',
  'mitigations=off',
  'nokaslr',
  'audit=0',
  'apparmor=0',
  'panic=-1',
  'no_timer_check',
  'tsc=reliable',
  'net.ifnames=0',
  'module_blacklist=kvm,kvm_amd,kvm_intel',
]

const MEMORY_MIB = 1024

function argumentsOf({ image, directory, disks, memory, lanPort }: VmOptions): readonly string[] {
  const share = memory.frozenState === undefined ? 'on' : 'off'
  const lan = lanPort === undefined ? 'hubport,hubid=0' : `socket,mcast=230.0.0.1:${lanPort},localaddr=127.0.0.1`
  const drive = (id: string, file: string, more: string) => [
    ['-drive', `if=none,id=${id},file=${file},${more}`],
    ['-device', `virtio-blk-pci,drive=${id}`],
  ]
  const nic = (id: string, backend: string, mac: string) => [
    ['-netdev', `${backend},id=${id}`],
    ['-device', `virtio-net-pci,netdev=${id},romfile=,mac=${mac}`],
  ]
  const writable = `format=${disks.format},cache=unsafe,discard=unmap`
  return [
    ['-machine', 'q35,memory-backend=memory', '-accel', 'tcg,thread=multi,tb-size=512'],
    ['-cpu', 'max', '-smp', '2', '-m', String(MEMORY_MIB)],
    ['-object', `memory-backend-file,id=memory,size=${MEMORY_MIB}M,mem-path=${memory.file},share=${share}`],
    ['-nodefaults', '-display', 'none'],
    ['-kernel', join(image, 'vmlinuz'), '-initrd', join(image, 'initrd'), '-append', KERNEL.join(' ')],
    ...drive('root', disks.root, writable),
    ...drive('program', disks.program, 'format=raw,readonly=on'),
    ...drive('array', disks.array, writable),
    ...nic('outside', 'user,restrict=on,hostfwd=tcp:127.0.0.1:0-:22', '52:54:00:00:00:01'),
    ...nic('lan', lan, '52:54:00:77:00:11'),
    ['-device', 'virtio-rng-pci', '-serial', `file:${join(directory, 'console')}`],
    ['-qmp', `unix:${join(directory, 'monitor')},server=on,wait=off`, '-pidfile', join(directory, 'pid')],
    memory.frozenState === undefined ? [] : ['-incoming', 'defer'],
  ].flat()
}

function alive(child: ChildProcess, directory: string): true {
  if (child.exitCode === null && child.signalCode === null) return true
  throw new Error(`qemu does not start: ${readFileSync(join(directory, 'qemu.log'), 'utf8').trim()}`)
}

/**
 * The memory is mapped from its file as private: each page is read when it is touched and copied when it is written, so
 * any number of machines go on from one file at once.
 */
async function thaw(monitor: Monitor, stateFile: string): Promise<void> {
  await keepMemoryInItsFile(monitor)
  await monitor.ask('migrate-incoming', { uri: `exec:cat '${stateFile}'` })
  await migrated(monitor)
  await monitor.ask('cont')
}

async function keepMemoryInItsFile(monitor: Monitor): Promise<void> {
  const capabilities = [{ capability: 'x-ignore-shared', state: true }]
  await monitor.ask('migrate-set-capabilities', { capabilities })
}

async function migrated(monitor: Monitor): Promise<void> {
  for (;;) {
    const { status } = (await monitor.ask('query-migrate')) as { status?: string }
    if (status === 'completed') return
    if (status === 'failed') throw new Error('qemu could not write or read the state of the machine')
    await delay(POLL_MS)
  }
}

const POLL_MS = 20

/** `  TCP[HOST_FORWARD]  15  127.0.0.1 39157  10.0.2.15  22  0  0` */
function portOf(usernet: string): number {
  const port = /HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)/.exec(usernet)?.[1]
  if (port === undefined) throw new Error(`qemu forwards no port: ${usernet}`)
  return Number(port)
}
