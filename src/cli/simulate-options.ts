/** The flags of `simulate`, and what they mean once read. */

import { type Flags, text } from './flags.ts'
import { UsageError } from './usage-error.ts'

const listen = {
  listen: { type: 'string', default: '127.0.0.1:8443', description: 'Address and port; port 0 for a free one' },
} as const

const fault = {
  fault: {
    type: 'array',
    string: true,
    description: 'What is to go wrong, as NAME:METHOD or NAME:METHOD:COUNT; may be repeated [default: nothing]',
  },
} as const

const kept = {
  state: { type: 'string', description: 'File that the array is kept in [default: memory only]' },
} as const

const latency = {
  'latency-ms': { type: 'string', default: '0', description: 'Milliseconds before each answer' },
} as const

export const ELEMENT_FLAGS = {
  ...listen,
  user: { type: 'string', default: 'admin', description: 'User of the array' },
  'password-file': {
    type: 'string',
    description: 'File with the password [default: `$NETAPPDVP_SIMULATOR_PASSWORD`, or `admin`]',
  },
  svip: { type: 'string', default: '127.0.0.1:3260', description: 'Storage address and port that hosts are sent to' },
  'api-version': { type: 'string', default: '12.0', description: 'Newest version of the API, 7.0 to 12.8' },
  account: { type: 'string', description: 'Account that is there at the start' },
  volumes: { type: 'string', default: '0', description: 'How many volumes the account has at the start' },
  ...kept,
  'data-plane': {
    type: 'string',
    description: 'Directory for the bytes of volumes, which become real iSCSI targets [default: none]',
  },
  ...latency,
  'clone-ms': { type: 'string', default: '200', description: 'Milliseconds that a clone takes' },
  ...fault,
} as const

export const ONTAP_FLAGS = {
  ...listen,
  user: { type: 'string', description: 'User of the SVM, or of the cluster [default: `vsadmin`, or `admin`]' },
  'password-file': {
    type: 'string',
    description: 'File with the password [default: `$NETAPPDVP_SIMULATOR_PASSWORD`, or `netapp1!`]',
  },
  release: { type: 'string', default: '9.15.1', description: 'Release of ONTAP, 8.3 to 9.19.1' },
  svm: { type: 'string', default: 'svm1', description: 'Name of the SVM' },
  cluster: { type: 'boolean', default: false, description: "The address is the cluster's, not the SVM's" },
  'data-lif': {
    type: 'string',
    default: '127.0.0.1',
    description: 'Addresses that the SVM serves files at, separated by commas',
  },
  'load-sharing': {
    type: 'boolean',
    default: false,
    description: "The SVM's root volume has load-sharing mirrors: new junctions show once those are updated",
  },
  'nfs-versions': { type: 'string', default: '3,4.0,4.1', description: 'Versions of NFS, separated by commas' },
  volumes: { type: 'string', default: '0', description: 'How many FlexVols there are at the start' },
  qtrees: { type: 'string', default: '0', description: 'How many qtrees there are at the start, 200 to a FlexVol' },
  ...kept,
  'data-plane': {
    type: 'string',
    description: "Directory for the bytes of volumes, which become a real NFS server's exports [default: none]",
  },
  ...latency,
  'job-ms': { type: 'string', default: '50', description: 'Milliseconds that asynchronous work takes' },
  ...fault,
} as const

/** What every array is simulated with. */
interface ArrayOptions {
  readonly listen: string
  readonly user?: string
  readonly passwordFile?: string
  readonly volumes: number
  readonly stateFile?: string
  readonly dataPlane?: string
  readonly latencyMs: number
  readonly faults: readonly string[]
}

export interface ElementOptions extends ArrayOptions {
  readonly array: 'element'
  readonly svip: string
  readonly apiVersion: string
  readonly account?: string
  readonly cloneMs: number
}

export interface OntapOptions extends ArrayOptions {
  readonly array: 'ontap'
  readonly release: string
  readonly svm: string
  readonly scope: 'svm' | 'cluster'
  readonly dataLif: readonly string[]
  readonly loadSharing: boolean
  readonly nfsVersions: readonly string[]
  readonly qtrees: number
  readonly jobMs: number
}

export type SimulateOptions = ElementOptions | OntapOptions

/** @throws UsageError */
export function elementOptionsOf(flags: Flags): ElementOptions {
  const account = given(flags, 'account')
  return {
    array: 'element',
    ...arrayOptionsOf(flags),
    svip: given(flags, 'svip'),
    apiVersion: given(flags, 'api-version'),
    ...(account && { account }),
    cloneMs: readCount(flags, 'clone-ms'),
  }
}

/** @throws UsageError */
export function ontapOptionsOf(flags: Flags): OntapOptions {
  const nfsVersions = listOf(flags, 'nfs-versions')
  const stranger = nfsVersions.find((version) => !NFS_VERSIONS.includes(version))
  if (stranger !== undefined) {
    throw new UsageError(`--nfs-versions cannot have ${JSON.stringify(stranger)}. Use ${NFS_VERSIONS.join(', ')}.`)
  }
  return {
    array: 'ontap',
    ...arrayOptionsOf(flags),
    release: given(flags, 'release'),
    svm: given(flags, 'svm'),
    scope: flags['cluster'] === true ? 'cluster' : 'svm',
    dataLif: listOf(flags, 'data-lif'),
    loadSharing: flags['load-sharing'] === true,
    nfsVersions,
    qtrees: readCount(flags, 'qtrees'),
    jobMs: readCount(flags, 'job-ms'),
  }
}

const NFS_VERSIONS = ['3', '4.0', '4.1']

function arrayOptionsOf(flags: Flags): ArrayOptions {
  const [user, passwordFile, stateFile, dataPlane] = ['user', 'password-file', 'state', 'data-plane'].map((name) =>
    given(flags, name),
  )
  const faults = flags['fault']
  return {
    listen: given(flags, 'listen'),
    ...(user && { user }),
    ...(passwordFile && { passwordFile }),
    volumes: readCount(flags, 'volumes'),
    ...(stateFile && { stateFile }),
    ...(dataPlane && { dataPlane }),
    latencyMs: readCount(flags, 'latency-ms'),
    faults: Array.isArray(faults) ? faults.map(String) : [],
  }
}

function given(flags: Flags, name: string): string {
  if (Array.isArray(flags[name])) throw new UsageError(`--${name} can be given only once.`)
  return text(flags, name)
}

function listOf(flags: Flags, name: string): readonly string[] {
  const parts = given(flags, name)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (parts.length > 0) return parts
  throw new UsageError(`--${name} is empty. Give at least one.`)
}

function readCount(flags: Flags, name: string): number {
  const digits = given(flags, name)
  if (/^\d{1,7}$/.test(digits)) return Number(digits)
  throw new UsageError(`--${name} cannot be ${JSON.stringify(digits)}. Use a number from 0 to 9999999.`)
}
