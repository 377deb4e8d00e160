/** A simulated Element array, ready to be asked. */

import { fingerprintOf } from '../certificate.ts'
import type { DataPlane } from '../data-plane/data-plane.ts'
import { FaultSchedule } from '../fault-schedule.ts'
import { type ArrayFace, type ArrayServer, isSame, type Login, startServer } from '../server.ts'
import { control } from './control.ts'
import { Fault } from './faults.ts'
import { type Memory, type MemorySettings, openMemory } from './memory.ts'
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

export interface ElementSimulator {
  /** `https://127.0.0.1:8443/json-rpc/12.0`, of the newest version. */
  readonly url: string
  /** `url` with user and password in it, as configs have it. */
  readonly endpoint: string
  /** SHA-256 of the certificate at the start, `AB:CD:…`. */
  readonly fingerprint: string
  /** The array itself, to look at or to prepare. */
  readonly array: ElementArray
  /** Calls with the right password, by method; those that met a fault too. */
  counts(): Readonly<Record<string, number>>
  resetCounts(): void
  /** @throws RangeError */
  addFault(text: string): void
  /** Lets calls go that are held. */
  clearFaults(): void
  advanceClock(ms: number): Promise<void>
  /** Makes and uses a new certificate. @returns its fingerprint */
  newCertificate(): Promise<string>
  /** Whether the targets answer. @throws Error without a data plane */
  setPortal(enabled: boolean): Promise<void>
  /** @throws Error without a data plane */
  dropSessions(volumeID: number): Promise<void>
  /** Takes the array off the network. Volumes' bytes stay if there is a state file that knows them. */
  close(): Promise<void>
}

/** @throws RangeError for an option that cannot be; Error when it cannot listen, read its state or reach the kernel */
export async function startElementSimulator(options: SimulatorOptions = {}): Promise<ElementSimulator> {
  const listen = parseAddress(options.listen ?? '127.0.0.1:0')
  const faults = new FaultSchedule(OWN_ERRORS)
  for (const text of options.faults ?? []) faults.add(text)
  const memory = await openMemory(memorySettings(options, listen.host))
  const dataPlane = await openDataPlane(options, memory.array)
  const tools = toolsOf(memory, dataPlane, options.report ?? ((line) => process.stderr.write(`${line}\n`)))

  const login = { user: options.user ?? 'admin', password: options.password ?? 'admin' }
  const face: ArrayFace = {
    operationOf: (request) => methodAskedFor(tools, request),
    answer: (request) => answer(tools, request),
    refuse,
    misaddress,
    control: (request) => control(simulator, request),
  }
  const certificate = memory.certificate()
  const admit = (given: Login) => (isLogin(given, login) ? login.user : undefined)
  const settings = { ...listen, admit, latencyMs: options.latencyMs ?? 0, certificate, faults, face }
  const server = await startServer(settings).catch(async (error: unknown) => {
    await dataPlane?.close()
    throw error
  })
  const address = { host: listen.host, port: server.port, ...login }
  const simulator = simulatorOf({ memory, dataPlane, tools, server, faults, address })
  return simulator
}

const OWN_ERRORS = { known: (name: string) => /^x[A-Z]/.test(name), example: 'xSomething' }

function isLogin(given: Login, { user, password }: Pick<Address, 'user' | 'password'>): boolean {
  return 'password' in given && isSame(`${given.name}:${given.password}`, `${user}:${password}`)
}

interface Address {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

interface Parts {
  readonly memory: Memory
  readonly dataPlane: DataPlane | undefined
  readonly tools: RpcTools
  readonly server: ArrayServer
  readonly faults: FaultSchedule
  readonly address: Address
}

function simulatorOf({ memory, dataPlane, tools, server, faults, address }: Parts): ElementSimulator {
  const { array } = memory
  const { host, port, user, password } = address
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}/json-rpc/${array.apiVersion}`
  return {
    url: `https://${place}`,
    endpoint: `https://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${place}`,
    fingerprint: fingerprintOf(memory.certificate()),
    array,
    counts: () => Object.fromEntries(server.counts),
    resetCounts: () => server.counts.clear(),
    addFault: (text) => faults.add(text),
    clearFaults: () => faults.clear(),
    async advanceClock(ms) {
      array.clockAheadMs += ms
      settle(array)
      await tools.changed()
    },
    async newCertificate() {
      memory.renewCertificate()
      server.useCertificate(memory.certificate())
      await memory.save()
      return fingerprintOf(memory.certificate())
    },
    setPortal: async (enabled) => needed(dataPlane).setPortal(enabled),
    dropSessions: async (volumeID) => needed(dataPlane).dropSessions(volumeID),
    close: () => closeAll(server, dataPlane),
  }
}

const CLONE_MS = 200

function memorySettings(options: SimulatorOptions, mvip: string): MemorySettings {
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

function toolsOf(memory: Memory, dataPlane: DataPlane | undefined, report: (line: string) => void): RpcTools {
  const { array } = memory
  return {
    array,
    changed: async () => {
      const effects = array.effects.splice(0)
      await Promise.all([memory.save(), dataPlane?.apply(effects).catch((error: Error) => failed(error, report))])
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
  report(`The data plane failed: ${message}`)
  throw new Fault('xSimulatorDataPlane', message)
}

function needed(dataPlane: DataPlane | undefined): DataPlane {
  if (dataPlane) return dataPlane
  throw new Error('This array has no data plane: start it with one.')
}

/** `127.0.0.1:8443` or `[::1]:8443`. @throws RangeError */
function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const [, six, four, digits] = /^(?:\[([0-9A-Fa-f:]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? []
  const host = six ?? four
  const port = Number(digits)
  if (host !== undefined && port <= LARGEST_PORT) return { host, port }
  throw new RangeError(`"${text}" is no address with a port. Write 127.0.0.1:8443, or [::1]:8443.`)
}

const LARGEST_PORT = 65_535
