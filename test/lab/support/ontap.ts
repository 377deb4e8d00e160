/** The ONTAP NAS drivers on a machine of the lab, with a simulated SVM whose volumes a real NFS server exports. */

import { containersOn, type LabContainers } from './containers.ts'
import type { LabMachine } from './machine.ts'
import { type ArrayOptions, type LabArray, type LabPlugin, startArray } from './plugin.ts'

/** The array's API, on a machine with this address. */
export const managementAt = (address: string) => `${address}:8443`
export const MANAGEMENT = managementAt('127.0.0.1')
export const USER = 'vsadmin'
export const PASSWORD = 'netapp1!'
export const SVM = 'svm1'

/** A config as users of nDVP have it, key for key. */
export const CONFIG = {
  storageDriverName: 'ontap-nas',
  managementLIF: MANAGEMENT,
  dataLIF: '127.0.0.1',
  svm: SVM,
  username: USER,
  password: PASSWORD,
  aggregate: 'aggr1',
} as const

/** An array and its keepers' door. */
export interface LabOntap {
  readonly array: LabArray
  /** One request of REST, as an administrator would make it: `get`, `/storage/volumes?name=a`. Jobs are waited for. */
  rest<T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T>
  /** The simulator's door for tests: see src/simulators/ontap/control.ts. */
  simulator<T = unknown>(door: string, body?: object): Promise<T>
  /** The only record of a collection with these values, all its fields. */
  record<T = Record<string, unknown>>(path: string, query: Readonly<Record<string, string>>): Promise<T>
}

export interface OntapOptions extends ArrayOptions {
  /** Of the array, for management and data. Default 127.0.0.1; with the machine's own, other nodes reach it. */
  readonly address?: string
}

export async function startOntap(machine: LabMachine, options: OntapOptions = {}): Promise<LabOntap> {
  const { address = '127.0.0.1', args = [], ...others } = options
  const management = managementAt(address)
  const lifs = [`--listen=${management}`, `--data-lif=${address}`]
  const array = await startArray(machine, { array: 'ontap', ...others, args: [...lifs, ...args] })
  const ask = (how: readonly string[], path: string, body?: object) =>
    askArray(machine, how, `https://${management}${path}`, body)
  const rest = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const separator = path.includes('?') ? '&' : '?'
    const wait = method === 'get' ? '' : `${separator}return_timeout=15`
    const said = await ask(['--request', method.toUpperCase()], `/api${path}${wait}`, body)
    const answer = (said === '' ? {} : JSON.parse(said)) as T & { readonly error?: { readonly message: string } }
    if (answer.error) throw new Error(`${method} ${path}: ${answer.error.message}`)
    return answer
  }
  return {
    array,
    rest,
    simulator: async <T>(door: string, body?: object) =>
      JSON.parse(await ask(['--fail-with-body'], `/simulator/${door}`, body)) as T,
    async record<T>(path: string, query: Readonly<Record<string, string>>) {
      const asked = new URLSearchParams({ ...query, fields: '**' })
      const { records } = await rest<{ readonly records: readonly T[] }>('get', `${path}?${asked}`)
      if (records.length === 1) return records[0]!
      throw new Error(`The array has ${records.length} of ${path} with ${asked}, not one.`)
    },
  }
}

/** A plugin of these drivers, with Docker's ways to it. */
export interface LabNas extends LabContainers {
  readonly plugin: LabPlugin
}

export function nasOn(machine: LabMachine, plugin: LabPlugin): LabNas {
  return { ...containersOn(machine, plugin), plugin }
}

/** NFS mounts of the host; empty when nothing of any volume is left here. */
export function mountsLeft(machine: LabMachine): Promise<string> {
  return machine.sh('findmnt --noheadings --list --types nfs,nfs4 --output TARGET,SOURCE || true')
}

async function askArray(machine: LabMachine, args: readonly string[], url: string, body?: object): Promise<string> {
  return machine.run(
    ...['curl', '--silent', '--show-error', '--insecure', '--user', `${USER}:${PASSWORD}`, ...args],
    ...(body ? ['--data', JSON.stringify(body)] : []),
    url,
  )
}
