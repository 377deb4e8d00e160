/** What tests ask of Docker on a machine of the lab, about the volumes of one driver. */

import type { LabMachine } from './machine.ts'
import { quoted } from './ssh.ts'

export interface LabContainers {
  docker(...args: readonly string[]): Promise<string>
  /** Makes a volume of the driver. */
  create(name: string, ...options: readonly string[]): Promise<void>
  /** Runs a script in a container of its own that has the volume at /mnt. @returns what it printed */
  inContainer(volume: string, script: string): Promise<string>
  /** Starts a container that goes on, and has the volume at /mnt. */
  startContainer(name: string, volume: string, script: string, ...options: readonly string[]): Promise<void>
  /** `volume inspect`, parsed. */
  inspect(volume: string): Promise<InspectedByDocker>
}

export interface InspectedByDocker {
  readonly Mountpoint: string
  readonly Status: Readonly<Record<string, unknown>>
}

/** Docker itself waits two minutes for a mount. */
const DOCKER_MS = 150_000

export function containersOn(machine: LabMachine, plugin: { readonly name: string }): LabContainers {
  const docker = (...args: readonly string[]) => machine.sh(quoted(['docker', ...args]), { limitMs: DOCKER_MS })
  return {
    docker,
    async create(name, ...options) {
      const settings = options.flatMap((option) => ['-o', option])
      await docker('volume', 'create', `--driver=${plugin.name}`, `--name=${name}`, ...settings)
    },
    inContainer: (volume, script) =>
      docker('run', '--rm', '--network=none', `--volume=${volume}:/mnt`, 'busybox:local', 'sh', '-c', script),
    async startContainer(name, volume, script, ...options) {
      const how = ['--detach', '--network=none', `--name=${name}`, `--volume=${volume}:/mnt`, ...options]
      await docker('run', ...how, 'busybox:local', 'sh', '-c', script)
    },
    async inspect(volume) {
      return JSON.parse(await docker('volume', 'inspect', '--format={{json .}}', volume)) as InspectedByDocker
    },
  }
}
