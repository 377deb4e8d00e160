/** A systemd of its own within this machine, to run the units with all they ask for. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { root } from '../../house/tree.ts'

export interface SystemdMachine {
  /** Runs a shell script in the checkout, stopping at its first fault. @returns what it printed, without the end of the last line */
  sh(script: string): string
  end(): Promise<void>
}

/** Why there can be none here; false when there can. */
export function whyNot(): string | false {
  if (process.getuid?.() !== 0) return 'needs root for namespaces'
  if (!existsSync('/lib/systemd/systemd')) return 'systemd is not installed'
  return controlGroups() === undefined && 'there is no cgroup2 filesystem'
}

const POLL_MS = 50
const BOOT_MS = 20_000

export async function bootSystemd(): Promise<SystemdMachine> {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-systemd-'))
  const group = join(controlGroups()!, directory.slice(directory.lastIndexOf('/') + 1))
  mkdirSync(group)
  // It shall see its own part of the cgroups, so it has to be there when its namespace begins.
  const enter = `echo $$ >${group}/cgroup.procs; exec "$@"`
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--uts', '--ipc', '--net', '--cgroup']
  const boot = join(root, 'test/integration/systemd/boot')
  const unshare = spawn('sh', ['-c', enter, 'sh', 'unshare', ...namespaces, boot, directory, root], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  unshare.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })

  const enterPid1 = () => ['--target', String(childOf(unshare)), '--all', `--wdns=${root}`, '--']
  const machine: SystemdMachine = {
    sh(script) {
      const environment = [
        'env',
        '-i',
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'HOME=/root',
      ]
      const args = [...enterPid1(), ...environment, 'bash', '--norc', '-euc', script]
      const { status, stdout, stderr } = spawnSync('nsenter', args, { encoding: 'utf8', timeout: 60_000 })
      if (status !== 0) throw new Error(`${script}\nended with ${status}:\n${stdout}${stderr}`)
      return stdout.trimEnd()
    },
    async end() {
      unshare.kill('SIGKILL')
      if (unshare.exitCode === null && unshare.signalCode === null) await once(unshare, 'exit')
      await removeGroup(group)
      rmSync(directory, { recursive: true })
    },
  }

  for (const begun = Date.now(); ; await delay(POLL_MS)) {
    try {
      if (machine.sh('systemctl is-active bare.target') === 'active') return machine
    } catch (error) {
      if (Date.now() - begun < BOOT_MS && unshare.exitCode === null) continue
      await machine.end()
      throw new Error(`systemd does not boot:\n${words}`, { cause: error })
    }
  }
}

function controlGroups(): string | undefined {
  const line = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .find((mount) => mount.includes(' cgroup2 '))
  return line?.split(' ')[1]
}

/** The process that unshare has forked: process 1 of the machine. */
function childOf({ pid }: ChildProcess): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  if (children === '') throw new Error('There is no process 1 yet.')
  return Number(children.split(' ')[0])
}

/** Its processes are dead, and the kernel may take a moment to notice. */
async function removeGroup(path: string): Promise<void> {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeGroup(join(path, entry.name))
  }
  for (let attempt = 0; attempt < 40; attempt++) {
    try {
      return rmdirSync(path)
    } catch {
      if (attempt === 20) writeFileSync(join(path, 'cgroup.kill'), '1')
      await delay(POLL_MS)
    }
  }
  throw new Error(`${path} does not go away.`)
}
