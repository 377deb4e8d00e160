/** A simulated Element array, ready to be asked. */

import { type Address, addressText, parseAddress } from '../address.ts'
import { control } from '../control.ts'
import type { DataPlane } from '../data-plane/data-plane.ts'
import { FaultSchedule } from '../fault-schedule.ts'
import type { Memory } from '../memory.ts'
import { type ArrayFace, type ArrayServer, isSame, type Login, startServer } from '../server.ts'
import { dataPlaneFailed, needed, type Simulator, simulatorOf } from '../simulator.ts'
import { DOORS } from './control.ts'
import { Fault } from './faults.ts'
import { type ElementSettings, openElementMemory } from './memory.ts'
import { answer, methodAskedFor, misaddress, type RpcTools, refuse } from './rpc.ts'
import { settle } from './settle.ts'
import type { ElementArray } from './state.ts'
import { DEFAULT_VERSION, versionsUpTo } from './versions.ts'

export interface SimulatorOptions {
  /** `address:port` of the management API; port 0 lets the system choose. Default 127.0.0.1:0. */
  readonly listen?: string
  /** Default admin. */
  readonly user?: string
  /** Default admin. */
  readonly password?: string
  /** `address:port` of the storage address. Default 127.0.0.1:3260. */
  readonly svip?: string
  /** Before each answer. Default 0. */
  readonly latencyMs?: number
  /** How long a clone takes. Default 200. */
  readonly cloneMs?: number
  /** How many volumes the account has at the start, unless it is there already. Default 0. */
  readonly volumes?: number
  /** An account that is there at the start. Default: none, or `docker` when there are volumes. */
  readonly account?: string
  /** The newest version of the API. Default 12.0. */
  readonly apiVersion?: string
  /** `NAME:METHOD:COUNT` each; see fault-schedule.ts. */
  readonly faults?: readonly string[]
  /** Where the array is kept; absent: in memory. */
  readonly stateFile?: string
  /** Directory of the volumes' bytes, which are then real iSCSI targets; absent: volumes have no bytes. */
  readonly dataPlane?: string
  /** Told about calls of methods the array does not know. Default: a line on stderr. */
  readonly report?: (line: string) => void
}

export interface ElementSimulator extends Simulator {
  /** `https://127.0.0.1:8443/json-rpc/12.0`, of the newest version. */
  readonly url: string
  /** `url` with user and password in it, as configs have it. */
  readonly endpoint: string
  /** The array itself, to look at or to prepare. */
  readonly array: ElementArray
  /** Whether the targets answer. @throws Error without a data plane */
  setPortal(enabled: boolean): Promise<void>
  /** @throws Error without a data plane */
  dropSessions(volumeID: number): Promise<void>
}

/** @throws RangeError for an option that cannot be; Error when it cannot listen, read its state or reach the kernel */
export async function startElementSimulator(options: SimulatorOptions = {}): Promise<ElementSimulator> {
  const listen = parseAddress(options.listen ?? '127.0.0.1:0')
  const faults = new FaultSchedule(OWN_ERRORS)
  for (const text of options.faults ?? []) faults.add(text)
  const memory = await openElementMemory(memorySettings(options, listen.host))
  const dataPlane = await openDataPlane(options, memory.array)
  const tools = toolsOf(memory, dataPlane, options.report ?? ((line) => process.stderr.write(`${line}\n`)))

  const login = { user: options.user ?? 'admin', password: options.password ?? 'admin' }
  const face: ArrayFace = {
    operationOf: (request) => methodAskedFor(tools, request),
    answer: (request) => answer(tools, request),
    refuse,
    misaddress,
    control: (request) => control(simulator, DOORS, request),
  }
  const certificate = memory.certificate()
  const admit = (given: Login) => (isLogin(given, login) ? login.user : undefined)
  const settings = { ...listen, admit, latencyMs: options.latencyMs ?? 0, certificate, faults, face }
  const server = await startServer(settings).catch(async (error: unknown) => {
    await dataPlane?.close()
    throw error
  })
  const address = { host: listen.host, port: server.port }
  const simulator = elementSimulatorOf({ memory, dataPlane, tools, server, faults, address, login })
  return simulator
}

const OWN_ERRORS = { known: (name: string) => /^x[A-Z]/.test(name), example: 'xSomething' }

function isLogin(given: Login, { user, password }: Parts['login']): boolean {
  return 'password' in given && isSame(`${given.name}:${given.password}`, `${user}:${password}`)
}

interface Parts {
  readonly memory: Memory<ElementArray>
  readonly dataPlane: DataPlane | undefined
  readonly tools: RpcTools
  readonly server: ArrayServer
  readonly faults: FaultSchedule
  readonly address: Address
  readonly login: { readonly user: string; readonly password: string }
}

function elementSimulatorOf(parts: Parts): ElementSimulator {
  const { memory, dataPlane, tools, server, address, login } = parts
  const { array } = memory
  const place = `${addressText(address)}/json-rpc/${array.apiVersion}`
  return {
    ...simulatorOf(parts),
    url: `https://${place}`,
    endpoint: `https://${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@${place}`,
    array,
    async advanceClock(ms) {
      array.clockAheadMs += ms
      settle(array)
      await tools.changed()
    },
    setPortal: async (enabled) => needed(dataPlane).setPortal(enabled),
    dropSessions: async (volumeID) => needed(dataPlane).dropSessions(volumeID),
    close: () => closeAll(server, dataPlane),
  }
}

const CLONE_MS = 200

function memorySettings(options: SimulatorOptions, mvip: string): ElementSettings {
  const { svip = '127.0.0.1:3260', apiVersion = DEFAULT_VERSION, cloneMs = CLONE_MS } = options
  const { volumes = 0, account = volumes > 0 ? 'docker' : undefined, stateFile } = options
  parseAddress(svip)
  versionsUpTo(apiVersion)
  return { svip, mvip, apiVersion, cloneMs, stateFile, account, volumes }
}

async function openDataPlane({ dataPlane, stateFile }: SimulatorOptions, array: ElementArray) {
  if (dataPlane === undefined) return undefined
  const { openElementTargets } = await import('./targets.ts')
  return openElementTargets(array, { directory: dataPlane, keep: stateFile !== undefined })
}

function toolsOf(
  memory: Memory<ElementArray>,
  dataPlane: DataPlane | undefined,
  report: (line: string) => void,
): RpcTools {
  const { array } = memory
  return {
    array,
    changed: async () => {
      const effects = array.effects.splice(0)
      const applied = dataPlane?.apply(effects).catch(dataPlaneFailed)
      await Promise.all([memory.save(), applied]).catch((error: Error) => failed(error, report))
    },
    unknown: (method, version) => report(`Unknown method of Element’s API ${version}: ${method}`),
  }
}

async function closeAll(server: ArrayServer, dataPlane: DataPlane | undefined): Promise<void> {
  await server.close()
  await dataPlane?.close()
}

/** No array's own error: what failed is this machine's kernel or disk. */
function failed({ message }: Error, report: (line: string) => void): never {
  report(message)
  throw new Fault('xSimulatorFailed', message)
}
