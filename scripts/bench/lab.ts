/**
 * What `docker run` of a container with a volume costs on a kernel's own iSCSI or NFS, step by step, by the plugin's
 * debug log. In a virtual machine of the lab, whose processor is many times slower than this machine's.
 */

import { type LabMachine, startMachine } from '../../test/lab/support/machine.ts'
import { CONFIG as NAS, nasOn, startOntap } from '../../test/lab/support/ontap.ts'
import { installPlugin, type LabPlugin, startArray } from '../../test/lab/support/plugin.ts'
import { CONFIG as SOLIDFIRE, solidfireOn } from '../../test/lab/support/solidfire.ts'

export interface RunCost {
  readonly name: string
  /** Milliseconds, from the command to its end. */
  readonly totalMs: number
  /** Milliseconds within Mount, by step; what no program and no call accounts for is waiting. */
  readonly steps: Readonly<Record<string, number>>
}

const STEPS: Readonly<Record<string, RegExp>> = {
  login: /^iscsiadm/,
  scan: /^tee/,
  mkfs: /^mkfs/,
  'looks at the disk': /^(?:blkid|e2fsck|wipefs)/,
  mount: /^mount /,
}

export async function measureRuns(): Promise<readonly RunCost[]> {
  return [
    ...(await measureOn(async (machine) => {
      const array = await startArray(machine)
      return solidfireOn(machine, array, await installPlugin(machine, { config: SOLIDFIRE }))
    })),
    ...(await measureOn(async (machine) => {
      await startOntap(machine)
      return nasOn(machine, await installPlugin(machine, { name: 'ontap-nas', config: NAS }))
    })),
  ]
}

interface Lab {
  readonly plugin: LabPlugin
  create(name: string, ...options: readonly string[]): Promise<void>
  inContainer(volume: string, script: string): Promise<string>
  docker(...args: readonly string[]): Promise<string>
}

async function measureOn(start: (machine: LabMachine) => Promise<Lab>): Promise<readonly RunCost[]> {
  const machine = await startMachine()
  try {
    const unit = '/etc/systemd/system/netappdvp@.service.d/debug.conf'
    const command = '/usr/local/bin/netappdvp --debug --volume-driver=%i --config=/etc/netappdvp/%i.json'
    await machine.put(unit, `[Service]\nExecStart=\nExecStart=${command}\n`)
    const lab = await start(machine)
    await lab.create('bench', 'size=10')
    // Once without a volume: the first container of a machine costs more.
    await lab.docker('run', '--rm', '--network=none', 'busybox:local', 'true')
    const runs: RunCost[] = []
    for (const which of ['new volume', 'existing volume', 'existing volume, again']) {
      const before = (await lab.plugin.log()).length
      const begun = performance.now()
      await lab.inContainer('bench', 'true')
      const totalMs = performance.now() - begun
      const name = `${lab.plugin.name}, ${which}`
      runs.push({ name, totalMs, steps: stepsIn((await lab.plugin.log()).slice(before)) })
    }
    return runs
  } finally {
    await machine.end()
  }
}

/** Lines look like `DEBU[…] Command ended.    command="mkfs.ext4 -q …" exit=0 id=mount-8 ms=812`. */
function stepsIn(log: string): Readonly<Record<string, number>> {
  const lines = log.split('\n').filter((line) => / id=mount-\d+/.test(line))
  const ms = (line: string) => Number(/ ms=(\d+)/.exec(line)?.[1] ?? 0)
  const sum = (chosen: readonly string[]) => chosen.reduce((total, line) => total + ms(line), 0)
  const commands = lines.filter((line) => line.includes('Command ended.'))
  const of = (pattern: RegExp) => commands.filter((line) => pattern.test(/command="?([^"]*)/.exec(line)?.[1] ?? ''))
  const known = Object.entries(STEPS).map(([step, pattern]): [string, number] => [step, sum(of(pattern))])
  const array = sum(lines.filter((line) => line.includes('Array called.')))
  const mount = sum(lines.filter((line) => line.includes('verb=Mount')))
  const rest = mount - array - sum(commands)
  return { Mount: mount, array, ...Object.fromEntries(known), waiting: Math.max(rest, 0) }
}

export function printRuns(runs: readonly RunCost[]): string {
  return runs
    .map(({ name, totalMs, steps }) => {
      const parts = Object.entries(steps).map(([step, ms]) => `${step} ${Math.round(ms)}`)
      return `docker run, ${name.padEnd(38)} ${totalMs.toFixed(0).padStart(6)} ms; ${parts.join(', ')}\n`
    })
    .join('')
}
