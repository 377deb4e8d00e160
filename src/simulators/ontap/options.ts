/** What an array is simulated with, and how it looks at the start. */

import { userKey } from './face.ts'
import type { OntapSettings } from './memory.ts'
import { adminSvm, dataSvms, svmNamed } from './operations/find.ts'
import { addLoadSharing } from './operations/mirrors.ts'
import { addQtrees, addSvm, addVolumes, prepareCluster } from './preload.ts'
import { parseRelease } from './releases.ts'
import type { OntapArray } from './state.ts'
import { addUser, type NewUser } from './users.ts'

export interface OntapSimulatorOptions {
  /** `address:port` of the management API; port 0 lets the system choose. Default 127.0.0.1:0. */
  readonly listen?: string
  /** Default vsadmin; admin where the address is the cluster's. */
  readonly user?: string
  /** Default netapp1! */
  readonly password?: string
  /** `8.3` to `9.19.1`. Default 9.15.1. */
  readonly release?: string
  /** Name of the SVM. Default svm1. */
  readonly svm?: string
  /** Whose management address this is. Default svm. */
  readonly scope?: 'svm' | 'cluster'
  /** Before each answer. Default 0. */
  readonly latencyMs?: number
  /** How long asynchronous work takes. Default 50. */
  readonly jobMs?: number
  /** How many FlexVols there are at the start. Default 0. */
  readonly volumes?: number
  /** How many qtrees there are at the start, in pools. Default 0. */
  readonly qtrees?: number
  /** Whether the SVM's root volume has a load-sharing mirror on every aggregate at the start. Default false. */
  readonly loadSharing?: boolean
  /** Addresses that the SVM serves files at. Default 127.0.0.1. */
  readonly dataLif?: string | readonly string[]
  /** `NAME:OPERATION:COUNT` each; see fault-schedule.ts. */
  readonly faults?: readonly string[]
  /** Where the array is kept; absent: in memory. */
  readonly stateFile?: string
  /** Directory of the volumes' bytes, which are then a real NFS server's exports; absent: volumes have no bytes. */
  readonly dataPlane?: string
  /** Of `3`, `4.0`, `4.1`. Default all. */
  readonly nfsVersions?: readonly string[]
  /** Further SVMs on the same aggregates, each with its `vsadmin` under another name. */
  readonly tenants?: readonly Tenant[]
  /** Further users. */
  readonly users?: readonly NewUser[]
  /** The most records a page has, whatever a client asks for. */
  readonly maxRecords?: number
  /** Whether every second page of REST is empty, and leads on all the same. */
  readonly emptyPages?: boolean
  /** Told about calls that the array does not know. Default: a line on stderr. */
  readonly report?: (line: string) => void
}

export interface Tenant {
  readonly svm: string
  readonly user: string
  readonly password: string
  readonly dataLif?: string | readonly string[]
}

export function loginOf({ user, password = 'netapp1!', scope }: OntapSimulatorOptions): {
  readonly user: string
  readonly password: string
} {
  return { user: user ?? (scope === 'cluster' ? 'admin' : 'vsadmin'), password }
}

const JOB_MS = 50
const QUOTA_FACTOR = 1
const SPLIT_FACTOR = 4

/** @throws RangeError for a release that cannot be simulated */
export function memorySettings(options: OntapSimulatorOptions, address: string): OntapSettings {
  const { release = '9.15.1', svm = 'svm1', scope = 'svm', jobMs = JOB_MS, stateFile } = options
  return {
    address,
    release: parseRelease(release),
    durations: { job: jobMs, quota: jobMs * QUOTA_FACTOR, split: jobMs * SPLIT_FACTOR },
    lif: { scope, svm },
    stateFile,
    prepare: (array) => prepare(array, options, address),
    resume: (array) => resume(array, options),
  }
}

export function addTenant(
  array: OntapArray,
  tenant: Tenant,
  managementLif: string,
  nfsVersions: readonly string[] = NFS_VERSIONS,
): void {
  const { svm, user, password } = tenant
  addSvm(array, { name: svm, dataLifs: lifsOf(tenant), managementLif, nfsVersions })
  addUser(array, { name: user, password, svm, role: 'vsadmin' })
}

const NFS_VERSIONS = ['3', '4.0', '4.1']

function prepare(array: OntapArray, options: OntapSimulatorOptions, managementLif: string): void {
  const { svm = 'svm1', nfsVersions } = options
  prepareCluster(array)
  addSvm(array, { name: svm, dataLifs: lifsOf(options), managementLif, nfsVersions: nfsVersions ?? NFS_VERSIONS })
  putOwnUser(array, options)
  for (const tenant of options.tenants ?? []) addTenant(array, tenant, managementLif, nfsVersions)
  for (const other of options.users ?? []) addUser(array, other)
  addVolumes(array, svm, options.volumes ?? 0)
  addQtrees(array, svm, options.qtrees ?? 0)
  if (options.loadSharing) addLoadSharing(array, svmNamed(array, svm), [...array.aggregates.keys()])
}

/** How it is reached may be another way each time; what is in it stays. @throws RangeError */
function resume(array: OntapArray, options: OntapSimulatorOptions): void {
  const { svm = 'svm1', stateFile } = options
  const known = dataSvms(array).map(({ name }) => name)
  if (!known.includes(svm)) {
    throw new RangeError(`The array in ${stateFile} has no SVM "${svm}", only ${known.join(', ')}.`)
  }
  putOwnUser(array, options)
}

/** The array's own user is the first. One that is there keeps its role. */
function putOwnUser(array: OntapArray, options: OntapSimulatorOptions): void {
  const { svm = 'svm1', scope = 'svm' } = options
  const { user: name, password } = loginOf(options)
  const owner = scope === 'svm' ? svmNamed(array, svm) : adminSvm(array)
  const key = userKey({ name, svm: owner.uuid })
  const role = array.users.find((user) => userKey(user) === key)?.role ?? (scope === 'svm' ? 'vsadmin' : 'admin')
  const others = array.users.filter((user) => userKey(user) !== key)
  array.users.splice(0, array.users.length, { name, password, svm: owner.uuid, role }, ...others)
}

function lifsOf({ dataLif = '127.0.0.1' }: { readonly dataLif?: string | readonly string[] }): readonly string[] {
  return typeof dataLif === 'string' ? [dataLif] : dataLif
}
