/** A simulated ONTAP cluster, ready to be asked. */

import { addressText, parseAddress } from '../address.ts'
import { control } from '../control.ts'
import { FaultSchedule } from '../fault-schedule.ts'
import type { Memory } from '../memory.ts'
import { type ArrayServer, type Login, type Request, startServer } from '../server.ts'
import { needed, type Simulator, simulatorOf } from '../simulator.ts'
import { type Clockwork, startClockwork } from './clockwork.ts'
import { DOORS } from './control.ts'
import type { FaceTools } from './face.ts'
import { twoFaces } from './faces.ts'
import { type Keeper, keeperOf, type OntapDataPlane } from './keeper.ts'
import { openOntapMemory } from './memory.ts'
import { addTenant, loginOf, memorySettings, type OntapSimulatorOptions, type Tenant } from './options.ts'
import type { OntapArray } from './state.ts'
import { addUser, admit, type NewUser } from './users.ts'

export type { OntapSimulatorOptions, Tenant } from './options.ts'
export type { NewUser } from './users.ts'

export interface OntapSimulator extends Simulator {
  readonly host: string
  readonly port: number
  /** `127.0.0.1:8443`, as configs have it for `managementLIF`. */
  readonly address: string
  readonly user: string
  readonly password: string
  /** The array itself, to look at. `change` changes it. */
  readonly array: OntapArray
  /** Prepares the array for a test. Resolves once hosts see what was done. */
  change<T>(how: (array: OntapArray) => T): Promise<T>
  /** @throws Error for an SVM that is not there */
  addUser(user: NewUser): Promise<void>
  /** Adds an SVM with a user of its own. @throws Error for an SVM that is there */
  addTenant(tenant: Tenant): Promise<void>
  /** Whether the NFS server answers. @throws Error without a data plane */
  setNfs(enabled: boolean): Promise<void>
}

/** @throws RangeError for an option that cannot be; Error when it cannot listen, read its state or reach the kernel */
export async function startOntapSimulator(options: OntapSimulatorOptions = {}): Promise<OntapSimulator> {
  const listen = parseAddress(options.listen ?? '127.0.0.1:0')
  const faults = new FaultSchedule(OWN_ERRORS)
  for (const text of options.faults ?? []) faults.add(text)
  const memory = await openOntapMemory(memorySettings(options, listen.host))
  const { array } = memory
  const report = options.report ?? ((line: string) => process.stderr.write(`${line}\n`))
  const dataPlane = await openDataPlane(options, array)
  const keeper = keeperOf(memory, dataPlane, report)
  const clockwork = startClockwork(array, keeper.changed)
  const tools = toolsOf(options, array, keeper, clockwork, report)
  const face = {
    ...twoFaces(tools, clockwork, keeper),
    control: (request: Request) => control(simulator, DOORS, request),
  }
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
  const simulator = ontapSimulatorOf(parts)
  return simulator
}

interface Parts {
  readonly memory: Memory<OntapArray>
  readonly dataPlane: OntapDataPlane | undefined
  readonly keeper: Keeper
  readonly clockwork: Clockwork
  readonly server: ArrayServer
  readonly faults: FaultSchedule
  readonly host: string
  readonly login: { readonly user: string; readonly password: string }
}

function ontapSimulatorOf(parts: Parts): OntapSimulator {
  const { memory, dataPlane, keeper, clockwork, server, host, login } = parts
  const { array } = memory
  const change: OntapSimulator['change'] = async (how) => {
    const result = how(array)
    await keeper.changed()
    clockwork.wind()
    return result
  }
  return {
    ...simulatorOf(parts),
    ...login,
    host,
    port: server.port,
    address: addressText({ host, port: server.port }),
    array,
    async advanceClock(ms) {
      array.clockAheadMs += ms
      await clockwork.tick()
    },
    change,
    addUser: (user) => change(() => addUser(array, user)),
    addTenant: (tenant) =>
      change(() => {
        const isThere = [...array.svms.values()].some(({ name }) => name === tenant.svm)
        if (isThere) throw new Error(`There is an SVM "${tenant.svm}" already.`)
        addTenant(array, tenant, host)
      }),
    setNfs: async (enabled) => needed(dataPlane).setNfs(enabled),
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
