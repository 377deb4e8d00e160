/**
 * The part of an ONTAP that ontap-nas-economy uses, in memory and in virtual time, for tests of what several hosts do at
 * once. Between a call and what it does, and between that and the answer, others come.
 */

import type {
  NewOntapQtree,
  NewOntapVolume,
  Ontap,
  OntapQtree,
  OntapQtreeRef,
  OntapTreeRule,
  OntapVolume,
} from '../../../src/backends/ontap/ontap.ts'
import { BackendError, type ErrorCode } from '../../../src/errors.ts'
import type { Bytes } from '../../../src/units.ts'

/** What a host's calls meet: `done` and then `lost` means that the answer was lost, not the call. */
export type Fate = 'answered' | 'lost' | 'done-and-lost' | 'crashed'

export interface Way {
  /** Milliseconds until it arrives, and until the answer does. */
  delay(): number
  fateOf(call: string): Fate
}

/** Nothing gets lost, and nothing takes time. */
export const AT_ONCE: Way = { delay: () => 0, fateOf: () => 'answered' }

interface Qtree extends OntapQtree {
  readonly volumeUuid: string
}

export class MemoryArray {
  readonly volumes = new Map<string, OntapVolume>()
  qtrees: Qtree[] = []
  rules: OntapTreeRule[] = []
  /** Clients that each export policy lets in, by its name. */
  readonly policies = new Map<string, readonly string[]>()
  /** Names of volumes whose quotas cannot be switched on. */
  readonly unlimited = new Set<string>()
  /** Names of volumes that were deleted with a qtree in them that somebody counts on. */
  readonly harmed: string[] = []
  #lastId = 0

  makeVolume(name: string, size: number): OntapVolume {
    const volume = volumeOf({ ...PLAIN_VOLUME, name, size: size as Bytes, junctionPath: `/${name}` })
    this.volumes.set(name, volume)
    return volume
  }

  /** Those of volumes that are not online cannot be seen. */
  listed(): readonly Qtree[] {
    return this.qtrees.filter(({ volume }) => this.volumes.get(volume)?.state === 'online')
  }

  makeQtree({ volume, name, unixPermissions, securityStyle }: NewOntapQtree): void {
    const of = this.volumes.get(volume)
    if (!of) throw fault('NOT_FOUND', `no volume ${volume}`)
    if (of.state !== 'online') throw fault('REFUSED', `volume ${volume} is ${of.state}`)
    if (this.qtrees.some((other) => other.volume === volume && other.name === name)) {
      throw fault('ALREADY_EXISTS', `qtree ${name} is there`)
    }
    this.#lastId += 1
    this.qtrees.push({ volume, name, id: this.#lastId, unixPermissions, securityStyle, volumeUuid: of.uuid })
  }

  qtree({ volume, name, id }: OntapQtreeRef): Qtree {
    const found = this.qtrees.find(
      (one) => one.volume === volume && (id === undefined ? one.name === name : one.id === id),
    )
    if (!found) throw fault('NOT_FOUND', `no qtree ${name}`)
    return found
  }

  changeQtree(ref: OntapQtreeRef, change: Partial<Qtree>): void {
    const found = this.qtree(ref)
    const isTaken = this.qtrees.some((one) => one.volume === found.volume && one.name === change.name)
    if (isTaken) throw fault('ALREADY_EXISTS', `qtree ${change.name} is there`)
    this.qtrees = this.qtrees.map((one) => (one === found ? { ...one, ...change } : one))
    // Rules go by the name, and along with it.
    if (change.name === undefined) return
    this.rules = this.rules.map((rule) =>
      rule.volume === found.volume && rule.qtree === found.name ? { ...rule, qtree: change.name! } : rule,
    )
  }

  removeQtree(ref: OntapQtreeRef): void {
    const found = this.qtree(ref)
    this.qtrees = this.qtrees.filter((one) => one !== found)
    this.removeRule(found)
  }

  setRule(rule: OntapTreeRule): void {
    this.qtree({ volume: rule.volume, name: rule.qtree })
    this.removeRule({ volume: rule.volume, name: rule.qtree })
    this.rules.push(rule)
  }

  removeRule({ volume, name }: OntapQtreeRef): void {
    this.rules = this.rules.filter((rule) => !(rule.volume === volume && rule.qtree === name))
  }

  removeVolume(name: string): void {
    if (!this.volumes.delete(name)) throw fault('NOT_FOUND', `no volume ${name}`)
    if (this.rules.some(({ volume }) => volume === name)) this.harmed.push(name)
    this.rules = this.rules.filter(({ volume }) => volume !== name)
    this.qtrees = this.qtrees.filter(({ volume }) => volume !== name)
  }
}

/** The array as one host reaches it. */
export function reach(array: MemoryArray, way: Way): Ontap {
  async function call<T>(name: string, work: () => T): Promise<T> {
    const fate = way.fateOf(name)
    if (fate === 'crashed') return new Promise(() => {})
    await pause(way.delay())
    if (fate === 'lost') throw fault('UNREACHABLE', `${name} was lost`)
    const result = work()
    await pause(way.delay())
    if (fate === 'done-and-lost') throw fault('UNREACHABLE', `the answer to ${name} was lost`)
    return result
  }
  const named = ({ volume }: { readonly volume: string }, prefix: string) => volume.startsWith(prefix)

  return {
    dialect: 'rest',
    release: { generation: 9, major: 15, minor: 1, text: 'in memory' },
    svm: { name: 'svm1', uuid: 'svm1' },
    ensureSeen: async () => {},
    qtrees: {
      create: (_, qtree) => call('qtrees.create', () => array.makeQtree(qtree)),
      changeMode: (_, qtree, unixPermissions) =>
        call('qtrees.changeMode', () => array.changeQtree(qtree, { unixPermissions })),
      rename: (_, qtree, name) => call('qtrees.rename', () => array.changeQtree(qtree, { name })),
      remove: (_, qtree) => call('qtrees.remove', () => array.removeQtree(qtree)),
      named: (_, name, prefix) =>
        call('qtrees.named', () => array.listed().filter((one) => one.name === name && named(one, prefix))),
      inVolumes: (_, prefix) => call('qtrees.inVolumes', () => array.listed().filter((one) => named(one, prefix))),
    },
    quotas: {
      appliesAtOnce: true,
      treeRules: (_, prefix, qtree) =>
        call('quotas.treeRules', () =>
          array.rules.filter((rule) => named(rule, prefix) && (qtree === undefined || rule.qtree === qtree)),
        ),
      setTreeRule: (_, rule) => call('quotas.setTreeRule', () => array.setRule(rule)),
      removeTreeRule: (_, qtree) => call('quotas.removeTreeRule', () => array.removeRule(qtree)),
      apply: (_, { name }) =>
        call('quotas.apply', () => {
          if (array.unlimited.has(name)) throw fault('REFUSED', `the quotas of ${name} are corrupt`)
        }),
    },
    volumes: {
      create: (_, volume) =>
        call('volumes.create', () => {
          const made = volumeOf(volume)
          array.volumes.set(made.name, made)
          return made
        }),
      change: (_, { name }, change) =>
        call('volumes.change', () => {
          const volume = array.volumes.get(name)
          if (!volume) throw fault('NOT_FOUND', `no volume ${name}`)
          array.volumes.set(name, { ...volume, ...change })
        }),
      remove: (_, { name }) => call('volumes.remove', () => array.removeVolume(name)),
      find: (_, name) => call('volumes.find', () => array.volumes.get(name)),
      withPrefix: (_, prefix) =>
        call('volumes.withPrefix', () => [...array.volumes.values()].filter(({ name }) => name.startsWith(prefix))),
      clone: unused,
      split: unused,
      clonesOf: unused,
    },
    exports: {
      rules: (_, policy) =>
        call('exports.rules', () =>
          array.policies.get(policy)?.map((client, index) => ({ ...OPEN_RULE, index, clients: [client] })),
        ),
      createPolicy: (_, policy) =>
        call('exports.createPolicy', () => {
          if (array.policies.has(policy)) throw fault('ALREADY_EXISTS', `policy ${policy} is there`)
          array.policies.set(policy, [])
        }),
      addRule: (_, policy, clients) =>
        call('exports.addRule', () => {
          array.policies.set(policy, [...(array.policies.get(policy) ?? []), clients])
        }),
    },
    aggregates: {
      assigned: async () => [{ name: 'aggr1', available: (2 ** 40) as Bytes }],
      usage: unused,
    },
    network: {
      nfsInterfaces: async () => [{ name: 'lif1', address: '10.0.0.1', up: true }],
      updateLoadSharing: async () => {},
    },
    roles: { ofUser: unused },
    events: { log: async () => {} },
    snapshots: { ofVolume: unused, create: unused, remove: unused, restore: unused },
    close: async () => {},
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function fault(code: ErrorCode, message: string): BackendError {
  return new BackendError(code as 'BUSY', message)
}

async function unused(): Promise<never> {
  throw new Error('ontap-nas-economy has no use for this call.')
}

const OPEN_RULE = { protocols: ['nfs'], ro: ['any'], rw: ['any'], superuser: ['any'] }

const PLAIN_VOLUME: NewOntapVolume = {
  name: '',
  style: 'flexvol',
  aggregates: ['aggr1'],
  size: 0 as Bytes,
  spaceGuarantee: 'none',
  snapshotPolicy: 'none',
  snapshotReserve: 0,
  unixPermissions: 0o711,
  securityStyle: 'unix',
  exportPolicy: 'ndvp_qtree_pool_export_policy',
  snapshotDirectory: false,
  comment: '',
}

function volumeOf(wanted: NewOntapVolume): OntapVolume {
  const { snapshotReserve = 0, ...rest } = wanted
  return { ...rest, uuid: `uuid of ${wanted.name}`, state: 'online', snapshotReserve }
}
