/**
 * What `docker run` of a container with a volume of solidfire-san costs on a kernel's own iSCSI, step by step, by the
 * plugin's debug log. In a virtual machine of the lab, whose processor is many times slower than this machine's.
 */

import { startMachine } from '../../test/lab/support/machine.ts'
import { installPlugin, startArray } from '../../test/lab/support/plugin.ts'
import { CONFIG, solidfireOn } from '../../test/lab/support/solidfire.ts'

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
  const machine = await startMachine()
  try {
    const array = await startArray(machine)
    const unit = '/etc/systemd/system/netappdvp@.service.d/debug.conf'
    const command = '/usr/local/bin/netappdvp --debug --volume-driver=%i --config=/etc/netappdvp/%i.json'
    await machine.put(unit, `[Service]\nExecStart=\nExecStart=${command}\n`)
    const lab = solidfireOn(machine, array, await installPlugin(machine, { config: CONFIG }))
    await lab.create('bench', 'size=10')
    // Once without a volume: the first container of a machine costs more.
    await lab.docker('run', '--rm', '--network=none', 'busybox:local', 'true')
    const runs: RunCost[] = []
    for (const name of ['new volume (mkfs)', 'existing volume', 'existing volume, again']) {
      const before = (await lab.plugin.log()).length
      const begun = performance.now()
      await lab.inContainer('bench', 'true')
      const totalMs = performance.now() - begun
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
      return `docker run, ${name.padEnd(24)} ${totalMs.toFixed(0).padStart(6)} ms; ${parts.join(', ')}\n`
    })
    .join('')
}
