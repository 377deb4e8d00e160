/** A machine of the lab, from its start to its end, and what tests ask of it. */

import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Image, readyImage, runDirectory } from './image.ts'
import { makeProgramDisk } from './program-disk.ts'
import { startVm } from './qemu.ts'
import { type AskOptions, openSsh, quoted, type Said } from './ssh.ts'

export interface LabMachine {
  /** As the machine calls itself: node1, node2 or node3. */
  readonly name: string
  /** By which the other nodes reach it. */
  readonly address: string
  /** Of its files on this machine: sockets, disks, what its console has said. */
  readonly directory: string
  readonly sshPort: number
  readonly keyFile: string
  /** Runs a script of bash as root, which stops at its first fault. @returns what it printed, without the last line end */
  sh(script: string, options?: AskOptions): Promise<string>
  /** Runs a script of bash, whatever it ends with. */
  try(script: string, options?: AskOptions): Promise<Said>
  /** Runs a program with these arguments, which has to succeed. @returns as sh */
  run(program: string, ...args: readonly string[]): Promise<string>
  put(path: string, content: string | Buffer, mode?: number): Promise<void>
  /** Repeats a script until it succeeds. @returns what it printed then */
  until(what: string, script: string, limitMs?: number): Promise<string>
  /** Power off and on: what was not written to disk is lost. Resolves when ssh gets in again. */
  reset(): Promise<void>
  /** Reboots in good order. Resolves when ssh gets in again. */
  reboot(): Promise<void>
  /** Resolves when systemd has started all it is to start. */
  booted(): Promise<void>
  /** What its logs end with, for the message of a failed test. */
  logs(): Promise<string>
  /** Ends it and removes what it has written. Safe to repeat. */
  end(): Promise<void>
}

export interface StartOptions {
  /** 1, 2 or 3; by default 1. */
  readonly node?: number
  readonly lanPort?: number
  readonly lasting?: boolean
}

/** Makes what is needed for it first, unless that has been done. The machine has been running with a dockerd in it. */
export async function startMachine(options: StartOptions = {}): Promise<LabMachine> {
  const image = readyImage()
  const directory = runDirectory(image)
  try {
    return await startIn(image, directory, options)
  } catch (error) {
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

/** A port that only the machines of one network use. */
export async function freeLanPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

async function startIn(image: Image, directory: string, options: StartOptions): Promise<LabMachine> {
  const { node = 1, ...rest } = options
  const disks = {
    root: overlay(directory, 'root', image.rootDisk),
    program: makeProgramDisk(directory),
    array: overlay(directory, 'array', image.arrayDisk),
    format: 'qcow2',
  } as const
  const memory = { file: image.memoryFile, frozenState: image.stateFile }
  const vm = await startVm({ image: image.directory, directory, disks, memory, ...rest })
  const ssh = openSsh({ port: vm.sshPort, keyFile: image.keyFile, directory })

  const machine: LabMachine = {
    name: `node${node}`,
    address: `10.77.0.1${node}`,
    directory,
    sshPort: vm.sshPort,
    keyFile: image.keyFile,
    try: async (script, options) =>
      withoutLineEnds(await ssh.ask(`exec bash --norc -euc ${quoted([script])}`, options)),
    async sh(script, options) {
      const said = await machine.try(script, options)
      if (said.exitCode === 0) return said.stdout
      throw new Error(`${script}\nended with ${said.exitCode} on ${machine.name}:\n${said.stdout}\n${said.stderr}`)
    },
    run: (...command) => machine.sh(quoted(command)),
    async put(path, content, mode = 0o644) {
      const place = quoted([path])
      const script = `mkdir -p "$(dirname ${place})"; cat >${place}; chmod ${mode.toString(8)} ${place}`
      await machine.sh(script, { stdin: content })
    },
    async until(what, script, limitMs = UNTIL_MS) {
      const end = performance.now() + limitMs
      for (;;) {
        const said = await machine.try(script)
        if (said.exitCode === 0) return said.stdout
        if (performance.now() > end) {
          throw new Error(
            `waited ${limitMs} ms in vain until ${what}; the last try said:\n${said.stdout}\n${said.stderr}`,
          )
        }
        await delay(RETRY_MS)
      }
    },
    async reset() {
      await vm.monitor.ask('system_reset')
      await ssh.connect()
    },
    async reboot() {
      const down = vm.monitor.event('RESET', REBOOT_MS)
      // The connection may break before it has answered.
      await Promise.race([down, machine.try('systemctl reboot --no-block').catch(() => {})])
      await down
      await ssh.connect()
    },
    async booted() {
      const state = (await machine.try('systemctl is-system-running --wait', { limitMs: REBOOT_MS })).stdout
      if (state === 'running') return
      throw new Error(`${machine.name} is ${state} after its boot:\n${await machine.sh('systemctl --failed')}`)
    },
    logs: async () => (await machine.try(LOGS).catch((error: Error) => ({ stdout: error.message }))).stdout,
    async end() {
      await ssh.disconnect()
      await vm.end()
      rmSync(directory, { recursive: true, force: true })
    },
  }

  try {
    await ssh.connect()
    // Its clock stands where it was frozen, and all machines were frozen as one.
    await machine.sh(`date --set=@${(Date.now() / 1000).toFixed(3)} >/dev/null; touch /run/lab-begun; lab-node ${node}`)
    if (rest.lasting) {
      await ssh.disconnect()
      vm.monitor.close()
    }
    return machine
  } catch (error) {
    await machine.end()
    throw error
  }
}

const UNTIL_MS = 30_000
/** Each try takes a tenth of a second of the machine’s own time. */
const RETRY_MS = 250
const REBOOT_MS = 120_000

const LOGS = `
  exec 2>&1
  set +e
  show() { echo "---- $*"; "$@"; }
  since=$(stat -c @%Y /run/lab-begun 2>/dev/null || echo yesterday)
  show systemctl --failed --no-legend
  for log in /var/log/netappdvp/*.log; do [ -e "$log" ] && show tail -n 40 "$log"; done
  show journalctl --no-pager -o short-precise -n 60 --since "$since" -u 'netappdvp*'
  show journalctl --no-pager -o short-precise -n 30 --since "$since" -u docker -u iscsid -u multipathd
  dmesg | tail -n 30
`

/** What a machine writes stays apart from the image. */
function overlay(directory: string, name: string, base: string): string {
  const path = join(directory, `${name}.qcow2`)
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base, path])
  return path
}

function withoutLineEnds({ exitCode, stdout, stderr }: Said): Said {
  return { exitCode, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() }
}
