/** A machine with a dockerd, an image, and perhaps plugins; and what tests ask of it. */

import assert from 'node:assert/strict'
import { access, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { findProgram } from '../../../src/host/command.ts'
import { type Docker, IMAGE, importImage, startDocker } from './docker.ts'
import { type Machine, startMachine } from './machine.ts'
import { EXECUTABLE, type Plugin, startPlugin } from './plugin.ts'
import { until } from './until.ts'

export interface Lab {
  readonly machine: Machine
  readonly docker: Docker
  /** Starts a plugin of this name. */
  plugin(name: string): Promise<Plugin>
  /** Runs a shell script in a container that goes away with its end, with a volume at /mnt. @returns what it printed */
  inContainer(volume: string, script: string): Promise<string>
  /** Starts a container that goes on running, with a volume at /mnt; it ends at once when told to stop. */
  startContainer(name: string, volume: string, options?: ContainerOptions): Promise<void>
  /** How often each mount ID holds the volume, as the plugin says. */
  holds(volume: string): Promise<readonly number[]>
  isMounted(plugin: Plugin, volume: string): Promise<boolean>
  /** Waits until a volume that nobody uses is not mounted any more and has no loop device. */
  released(plugin: Plugin, volume: string): Promise<void>
  end(): Promise<void>
}

export interface ContainerOptions {
  readonly script?: string
  readonly flags?: readonly string[]
}

/** Why there can be no lab on this machine; false when there can. */
export async function whyNoLab(): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'needs root for dockerd, loop devices and mounts'
  for (const program of ['dockerd', 'docker', 'unshare', 'nsenter', 'losetup', 'busybox', 'tar']) {
    if (!(await findProgram(program))) return `needs ${program}, which is not installed`
  }
  if (!(await isThere('/dev/loop-control'))) return 'needs loop devices, which this kernel or container lacks'
  assert.ok(await isThere(EXECUTABLE), `${EXECUTABLE} is missing: run "npm run build" first`)
  return false
}

export async function openLab(...flags: readonly string[]): Promise<Lab> {
  const machine = await startMachine(await mkdtemp(join(tmpdir(), 'ndvp-')))
  try {
    const docker = await startDocker(machine, ...flags)
    await importImage(docker, (await findProgram('busybox'))!)
    return labOf(machine, docker)
  } catch (error) {
    await machine.end()
    throw error
  }
}

function labOf(machine: Machine, docker: Docker): Lab {
  const lab: Lab = {
    machine,
    docker,
    plugin: (name) => startPlugin(machine, name),
    inContainer: (volume, script) =>
      docker.run('run', '--rm', '--network=none', `--volume=${volume}:/mnt`, IMAGE, 'sh', '-c', script),
    async startContainer(name, volume, { script = 'exec sleep 1000', flags = [] } = {}) {
      const given = ['--detach', '--network=none', '--stop-signal=KILL', `--name=${name}`, `--volume=${volume}:/mnt`]
      await docker.run('run', ...given, ...flags, IMAGE, 'sh', '-c', script)
    },
    async holds(volume) {
      const status = await docker.run('volume', 'inspect', '--format={{json .Status.mountedFor}}', volume)
      return (JSON.parse(status) as { count: number }[]).map(({ count }) => count)
    },
    async isMounted(plugin, volume) {
      const path = `/var/lib/docker-volumes/${plugin.name}/netappdvp_${volume}`
      return (await machine.mounts()).some(({ mountpoint }) => mountpoint === path)
    },
    async released(plugin, volume) {
      const file = `/var/lib/netappdvp/${plugin.name}/volumes/netappdvp_${volume}/data`
      await until(`${volume} is unmounted`, async () => !(await lab.isMounted(plugin, volume)))
      await until(`${volume} has no loop device`, async () => !(await machine.loopFiles()).includes(file))
    },
    end: () => machine.end(),
  }
  return lab
}

/** Shows what the plugin and dockerd logged when the test fails. */
export function explainFailure(t: TestContext, { docker }: Lab, plugins: readonly Plugin[]): void {
  t.after(async () => {
    // Node has it, and its types do not.
    if ((t as { passed?: boolean }).passed) return
    for (const plugin of plugins) t.diagnostic(`log of ${plugin.name}:\n${await plugin.log()}`)
    t.diagnostic(`log of dockerd:\n${(await docker.log()).split('\n').slice(-60).join('\n')}`)
  })
}

/** Sizes of a filesystem are less than those of its device: it keeps books. */
export function assertSize(bytes: number, device: number): void {
  assert.ok(bytes <= device && bytes > device * 0.75, `${bytes} bytes of ${device}`)
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
