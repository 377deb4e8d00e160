/** A simulated ONTAP cluster, ready to be asked. */

import { fingerprintOf } from '../certificate.ts'
import { FaultSchedule } from '../fault-schedule.ts'
import { type ArrayServer, type Login, type Request, startServer } from '../server.ts'
import { type Clockwork, startClockwork } from './clockwork.ts'
import { control } from './control.ts'
import type { FaceTools } from './face.ts'
import { twoFaces } from './faces.ts'
import { type Keeper, keeperOf, type OntapDataPlane } from './keeper.ts'
import { type Memory, openMemory } from './memory.ts'
import { addTenant, loginOf, memorySettings, type OntapSimulatorOptions, type Tenant } from './options.ts'
import type { OntapArray } from './state.ts'
import { addUser, admit, type NewUser } from './users.ts'

export type { OntapSimulatorOptions, Tenant } from './options.ts'
export type { NewUser } from './users.ts'

export interface OntapSimulator {
  readonly host: string
  readonly port: number
  /** `127.0.0.1:8443`, as configs have it for `managementLIF`. */
  readonly address: string
  /** SHA-256 of the certificate at the start, `AB:CD:…`. */
  readonly fingerprint: string
  readonly user: string
  readonly password: string
  /** The array itself, to look at. `change` changes it. */
  readonly array: OntapArray
  /** Calls with the right password, by operation; those that met a fault too. */
  counts(): Readonly<Record<string, number>>
  resetCounts(): void
  /** @throws RangeError */
  addFault(text: string): void
  /** Lets calls go that are held. */
  clearFaults(): void
  advanceClock(ms: number): Promise<void>
  /** Makes and uses a new certificate. @returns its fingerprint */
  newCertificate(): Promise<string>
  /** Prepares the array for a test. Resolves once hosts see what was done. */
  change<T>(how: (array: OntapArray) => T): Promise<T>
  /** @throws Error for an SVM that is not there */
  addUser(user: NewUser): Promise<void>
  /** Adds an SVM with a user of its own. @throws Error for an SVM that is there */
  addTenant(tenant: Tenant): Promise<void>
  /** Whether the NFS server answers. @throws Error without a data plane */
  setNfs(enabled: boolean): Promise<void>
  /** Takes the array off the network. Volumes' bytes stay if there is a state file that knows them. */
  close(): Promise<void>
}

/** @throws RangeError for an option that cannot be; Error when it cannot listen, read its state or reach the kernel */
export async function startOntapSimulator(options: OntapSimulatorOptions = {}): Promise<OntapSimulator> {
  const listen = parseAddress(options.listen ?? '127.0.0.1:0')
  const faults = new FaultSchedule(OWN_ERRORS)
  for (const text of options.faults ?? []) faults.add(text)
  const memory = await openMemory(memorySettings(options, listen.host))
  const { array } = memory
  const report = options.report ?? ((line: string) => process.stderr.write(`${line}\n`))
  const dataPlane = await openDataPlane(options, array)
  const keeper = keeperOf(memory, dataPlane, report)
  const clockwork = startClockwork(array, keeper.changed)
  const tools = toolsOf(options, array, keeper, clockwork, report)
  const face = { ...twoFaces(tools, clockwork, keeper), control: (request: Request) => control(simulator, request) }
  const settings = {
    ...listen,
    admit: (login: Login) => admit(array, login),
    clientCertificates: true,
    ...{ latencyMs: options.latencyMs ?? 0, faults, face, certificate: memory.certificate() },
  }
  const server = await keeper
    .changed()
    .then(() => startServer(settings))
    .catch(async (error: unknown) => {
      await dataPlane?.close()
      throw error
    })
  clockwork.wind()
  const login = loginOf(options)
  const parts = { memory, dataPlane, keeper, clockwork, server, faults, host: listen.host, login }
  const simulator = simulatorOf(parts)
  return simulator
}

interface Parts {
  readonly memory: Memory
  readonly dataPlane: OntapDataPlane | undefined
  readonly keeper: Keeper
  readonly clockwork: Clockwork
  readonly server: ArrayServer
  readonly faults: FaultSchedule
  readonly host: string
  readonly login: { readonly user: string; readonly password: string }
}

function simulatorOf({ memory, dataPlane, keeper, clockwork, server, faults, host, login }: Parts): OntapSimulator {
  const { array } = memory
  const change: OntapSimulator['change'] = async (how) => {
    const result = how(array)
    await keeper.changed()
    clockwork.wind()
    return result
  }
  return {
    host,
    port: server.port,
    address: `${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    fingerprint: fingerprintOf(memory.certificate()),
    ...login,
    array,
    counts: () => Object.fromEntries(server.counts),
    resetCounts: () => server.counts.clear(),
    addFault: (text) => faults.add(text),
    clearFaults: () => faults.clear(),
    async advanceClock(ms) {
      array.clockAheadMs += ms
      await clockwork.tick()
    },
    async newCertificate() {
      memory.renewCertificate()
      server.useCertificate(memory.certificate())
      await memory.save()
      return fingerprintOf(memory.certificate())
    },
    change,
    addUser: (user) => change(() => addUser(array, user)),
    addTenant: (tenant) =>
      change(() => {
        const isThere = [...array.svms.values()].some(({ name }) => name === tenant.svm)
        if (isThere) throw new Error(`There is an SVM "${tenant.svm}" already.`)
        addTenant(array, tenant, host)
      }),
    setNfs: async (enabled) => {
      if (!dataPlane) throw new Error('This array has no data plane: start it with one.')
      await dataPlane.setNfs(enabled)
    },
    async close() {
      clockwork.stop()
      await server.close()
      await dataPlane?.close()
    },
  }
}

/** ONTAP's errors are numbers; what REST has in a job is told apart by `job-`. */
const OWN_ERRORS = { known: (name: string) => /^(?:job-)?\d+$/.test(name), example: '917526' }

async function openDataPlane({ dataPlane, stateFile }: OntapSimulatorOptions, array: OntapArray) {
  if (dataPlane === undefined) return undefined
  const { openOntapDataPlane } = await import('./data-plane.ts')
  const plane = await openOntapDataPlane(array, { directory: dataPlane, keep: stateFile !== undefined })
  // It has begun with the array as it is now.
  array.effects.length = 0
  return plane
}

function toolsOf(
  { maxRecords, emptyPages = false }: OntapSimulatorOptions,
  array: OntapArray,
  { changed }: Keeper,
  { jobDone }: Clockwork,
  report: (line: string) => void,
): FaceTools {
  return { array, changed, jobDone, emptyPages, report, ...(maxRecords !== undefined && { maxRecords }) }
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
