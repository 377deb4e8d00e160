/** A simulated ONTAP asked in ONTAPI without a network: the text of a request in, the text of a reply out. */

import assert from 'node:assert/strict'
import { XMLParser } from 'fast-xml-parser'
import { type FaceTools, userKey } from '../../../../src/simulators/ontap/face.ts'
import { adminSvm, svmNamed } from '../../../../src/simulators/ontap/operations/find.ts'
import { addSvm, prepareCluster } from '../../../../src/simulators/ontap/preload.ts'
import { parseRelease } from '../../../../src/simulators/ontap/releases.ts'
import { settle } from '../../../../src/simulators/ontap/settle.ts'
import type { Svm } from '../../../../src/simulators/ontap/state/svm.ts'
import type { CommandRight, User } from '../../../../src/simulators/ontap/state/users.ts'
import type { Volume } from '../../../../src/simulators/ontap/state/volume.ts'
import { newArray, type OntapArray } from '../../../../src/simulators/ontap/state.ts'
import { zapiFace } from '../../../../src/simulators/ontap/zapi/face.ts'
import type { Reply } from '../../../../src/simulators/server.ts'

/** A reply, of which a test reads whatever it asks about. Elements that may come several times are lists. */
export type Loose = ReturnType<typeof JSON.parse>

/** Elements of a request; a text is XML as it stands. */
export type Inputs = string | { readonly [name: string]: string | number | boolean | Inputs | readonly Inputs[] }

export interface Way {
  /** Of ONTAPI. Default 1.30. */
  readonly version?: string
  readonly vfiler?: string
  readonly user?: User
}

export interface Wire {
  readonly array: OntapArray
  readonly svm: Svm
  /** Told of what the array does not know. */
  readonly unknown: string[]
  /** What stands in `results` of a call. Fails the test when the array refuses. */
  ask(api: string, inputs?: Inputs, way?: Way): Promise<Loose>
  /** `errno reason` of a call that is refused. */
  refused(api: string, inputs?: Inputs, way?: Way): Promise<string>
  /** The records of all pages. */
  list(api: string, inputs?: Inputs, way?: Way): Promise<readonly Loose[]>
  /** What answers a request as it stands. */
  send(body: string, way?: Way & { readonly method?: string }): Promise<Reply>
  /** Lets the simulated clock run on. */
  wait(ms: number): void
  volume(name: string): Volume
  /** A user with a role of these rights. */
  userWith(name: string, commands: readonly CommandRight[]): User
}

export interface Setting {
  /** Default 9.8. */
  readonly release?: string
  readonly scope?: 'svm' | 'cluster'
  readonly maxRecords?: number
  /** FlexVols of 1 GiB on aggr1, mounted at their names. */
  readonly volumes?: readonly string[]
}

export const JOB_MS = 1000

export async function wire(setting: Setting = {}): Promise<Wire> {
  const { release = '9.8', scope = 'svm', maxRecords, volumes = [] } = setting
  const array = newArray({
    release: parseRelease(release),
    durations: { job: JOB_MS, split: JOB_MS, quota: JOB_MS },
    lif: { scope, svm: 'svm1' },
  })
  prepareCluster(array)
  const lifs = { managementLif: '127.0.0.1', dataLifs: ['127.0.0.1'], nfsVersions: ['3', '4.1'] }
  for (const name of ['svm1', 'svm2']) addSvm(array, { name, ...lifs })
  const svm = svmNamed(array, 'svm1')
  const own = { name: 'vsadmin', password: 'netapp1!', svm: svm.uuid, role: 'vsadmin' }
  const admin = { name: 'admin', password: 'netapp1!', svm: adminSvm(array).uuid, role: 'admin' }
  array.users.push(own, admin)
  const unknown: string[] = []
  const face = zapiFace(toolsOf(array, unknown, maxRecords))

  const send: Wire['send'] = (body, { user = scope === 'svm' ? own : admin, method = 'POST' } = {}) => {
    settle(array)
    const request = { method, path: PATH, query: '', headers: {}, body, user: userKey(user) }
    return face.answer(request)
  }
  const results = async (api: string, inputs: Inputs, way: Way) => {
    const { status, body } = await send(enveloped(api, inputs, way), way)
    assert.equal(status, 200, body)
    return parsed(body).netapp.results
  }
  const ask: Wire['ask'] = async (api, inputs = {}, way = tunnelled(scope, api)) => {
    const answer = await results(api, inputs, way)
    assert.equal(answer['@status'], 'passed', `${answer['@errno']} ${answer['@reason']}`)
    return answer
  }
  const made: Wire = {
    array,
    svm,
    unknown,
    send,
    ask,
    async refused(api, inputs = {}, way = tunnelled(scope, api)) {
      const answer = await results(api, inputs, way)
      assert.equal(answer['@status'], 'failed')
      return `${answer['@errno']} ${answer['@reason']}`
    },
    list: (api, inputs = {}, way) => allPages(ask, api, inputs, way),
    wait(ms) {
      array.clockAheadMs += ms
      settle(array)
    },
    volume: (name) => array.volumes.named(svm.uuid, name)!,
    userWith(name, commands) {
      const user = { name, password: 'netapp1!', svm: svm.uuid, role: `${name}-role` }
      array.roles.push({ name: user.role, svm: svm.uuid, rest: [], commands })
      array.users.push(user)
      return user
    },
  }
  for (const volume of volumes) {
    const place = { volume, 'containing-aggr-name': 'aggr1', 'junction-path': `/${volume}` }
    await ask('volume-create', { ...place, size: '1g', 'space-reserve': 'none' })
  }
  return made
}

/** `{a: {b: 1}}` as `<a><b>1</b></a>`. */
export function xml(inputs: Inputs): string {
  if (typeof inputs === 'string') return inputs
  return Object.entries(inputs)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => `<${name}>${textOf(one)}</${name}>`),
    )
    .join('')
}

export function enveloped(api: string, inputs: Inputs, { version = '1.30', vfiler }: Way = {}): string {
  const tunnel = vfiler === undefined ? '' : ` vfiler="${vfiler}"`
  const namespace = 'xmlns="https://localhost/filer/admin"'
  return `<?xml version="1.0" encoding="UTF-8"?><netapp ${namespace} version="${version}"${tunnel}><${api}>${xml(inputs)}</${api}></netapp>`
}

/** Values stay text; `@` marks attributes. */
export function parsed(body: string): Loose {
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    isArray: (_, path) => LISTS.test(String(path).split('.').at(-2) ?? '') && !/-attributes\./.test(String(path)),
  }).parse(body)
}

const PATH = '/servlets/netapp.servlets.admin.XMLrequest_filer'

/** Elements whose children are a list, however many there are. */
const LISTS =
  /(?:-list|attributes|result|-details|-errors|data-protocols|service-names|protocol|r[ow]-rule|super-user-security)$/

/** As clients of a cluster do: what is the cluster's is not sent to the SVM. */
function tunnelled(scope: 'svm' | 'cluster', api: string): Way {
  return scope === 'svm' || /^(?:job|aggr|system)-/.test(api) ? {} : { vfiler: 'svm1' }
}

function toolsOf(array: OntapArray, unknown: string[], maxRecords: number | undefined): FaceTools {
  return {
    array,
    changed: async () => {
      array.effects.length = 0
    },
    jobDone: async () => {},
    emptyPages: false,
    report: (line) => unknown.push(line),
    ...(maxRecords !== undefined && { maxRecords }),
  }
}

function textOf(value: string | number | boolean | Inputs): string {
  if (typeof value === 'object') return xml(value)
  return String(value).replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}

async function allPages(
  ask: Wire['ask'],
  api: string,
  inputs: Inputs,
  way: Way | undefined,
): Promise<readonly Loose[]> {
  const records: Loose[] = []
  for (let tag: string | undefined, page = 0; page === 0 || tag !== undefined; page += 1) {
    const answer = await ask(api, `${xml(inputs)}${tag === undefined ? '' : xml({ tag })}`, way)
    records.push(...recordsIn(answer))
    tag = answer['next-tag']
  }
  return records
}

/** Of one page. */
export function recordsIn(answer: Loose): readonly Loose[] {
  return Object.values(answer['attributes-list'] ?? {}).flat() as Loose[]
}
