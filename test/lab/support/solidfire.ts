/** solidfire-san on a machine of the lab, with a simulated cluster whose volumes are real iSCSI targets. */

import { containersOn, type LabContainers } from './containers.ts'
import type { LabMachine } from './machine.ts'
import { type ArrayOptions, installPlugin, type LabArray, type LabPlugin, startArray } from './plugin.ts'

export const ENDPOINT = 'https://admin:admin@127.0.0.1:8443/json-rpc/7.0'
export const SVIP = '127.0.0.1:3260'
export const TENANT = 'docker'

/** A config as users of nDVP have it, key for key. */
export const CONFIG = {
  storageDriverName: 'solidfire-san',
  Endpoint: ENDPOINT,
  SVIP,
  TenantName: TENANT,
  InitiatorIFace: 'default',
  DefaultVolSz: 1,
  Types: [
    { Type: 'Bronze', Qos: { minIOPS: 1000, maxIOPS: 2000, burstIOPS: 4000 } },
    { Type: 'Gold', QoS: { minIOPS: 6000, maxIOPS: 8000, burstIOPS: 10_000 } },
  ],
} as const

export interface LabSolidfire extends LabContainers {
  readonly array: LabArray
  readonly plugin: LabPlugin
  /** One call of the array's API, as an administrator would make it; answers `result`. */
  api<T = Record<string, unknown>>(method: string, params?: object): Promise<T>
  /** The simulator's door for tests: see src/simulators/element/control.ts. */
  simulator<T = unknown>(door: string, body?: object): Promise<T>
  /** The array's record of a volume, by the name Docker knows it by. */
  volume(name: string): Promise<ElementRow>
}

export interface ElementRow {
  readonly volumeID: number
  readonly name: string
  readonly iqn: string
  readonly status: string
  readonly totalSize: number
  readonly scsiNAADeviceID: string
  readonly qos: { readonly minIOPS: number; readonly maxIOPS: number; readonly burstIOPS: number }
  readonly attributes: Readonly<Record<string, string>>
}

/** An array and a plugin, both services and ready. */
export async function startSolidfire(
  machine: LabMachine,
  change: Readonly<Record<string, unknown>> = {},
  arrayOptions: ArrayOptions = {},
): Promise<LabSolidfire> {
  const array = await startArray(machine, arrayOptions)
  const plugin = await installPlugin(machine, { config: { ...CONFIG, ...change } })
  return solidfireOn(machine, array, plugin)
}

/** How to speak to both, and to Docker about them. */
export function solidfireOn(machine: LabMachine, array: LabArray, plugin: LabPlugin): LabSolidfire {
  const api = <T>(method: string, params?: object) => callArray<T>(machine, method, params)
  return {
    ...containersOn(machine, plugin),
    array,
    plugin,
    api,
    simulator: (door, body) => askSimulator(machine, door, body),
    async volume(name) {
      const { volumes } = await api<{ volumes: ElementRow[] }>('ListVolumes', { volumeStatus: 'active' })
      const row = volumes.find(({ attributes }) => attributes['docker-name'] === name)
      if (!row) throw new Error(`The array has no volume that Docker calls "${name}".`)
      return row
    },
  }
}

export async function callArray<T>(machine: LabMachine, method: string, params: object = {}): Promise<T> {
  const body = JSON.stringify({ method, params, id: 1 })
  const { origin, username, password } = new URL(ENDPOINT)
  const said = await machine.run(
    ...['curl', '--silent', '--show-error', '--insecure', '--user', `${username}:${password}`],
    ...['--data', body, `${origin}/json-rpc/12.0`],
  )
  const answer = JSON.parse(said) as { result?: T; error?: { name: string; message: string } }
  if (answer.error) throw new Error(`${method}: ${answer.error.name} ${answer.error.message}`)
  return answer.result as T
}

/** `portal` with a body is POST /simulator/portal, `counts` without one GET /simulator/counts. */
async function askSimulator<T>(machine: LabMachine, door: string, body?: object): Promise<T> {
  const { origin, username, password } = new URL(ENDPOINT)
  const said = await machine.run(
    ...['curl', '--silent', '--show-error', '--fail-with-body', '--insecure', '--user', `${username}:${password}`],
    ...(body ? ['--data', JSON.stringify(body)] : []),
    `${origin}/simulator/${door}`,
  )
  return JSON.parse(said) as T
}

/** iSCSI sessions and disks of the host; empty when nothing of any volume is left here. */
export function leftOnHost(machine: LabMachine): Promise<string> {
  return machine.sh(`
    ls /sys/class/iscsi_session
    lsblk --noheadings --list --scsi --output NAME,TRAN | grep iscsi || true
    find /etc/iscsi/nodes /var/lib/iscsi/nodes -type f 2>/dev/null || true
  `)
}
