/** A simulated ONTAP on a real address, and a client of its REST API. */

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { Agent, request } from 'undici'
import {
  type OntapSimulator,
  type OntapSimulatorOptions,
  startOntapSimulator,
} from '../../../src/simulators/ontap/simulator.ts'

/** A reply, of which a test reads whatever it asks about. */
export type Loose = ReturnType<typeof JSON.parse>

export interface Answer {
  readonly status: number
  readonly type: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly body: Loose
}

export interface CallOptions {
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
  /** `NAME:PASSWORD` */
  readonly login?: string
}

export interface Client {
  readonly simulator: OntapSimulator
  /** `GET /storage/volumes?name=v`: without `/api`. */
  call(line: string, options?: CallOptions): Promise<Answer>
  /** What a request that succeeds is answered with. Waits for its job; fails the test when either fails. */
  ask(line: string, body?: object): Promise<Loose>
  /** Status and code that a request, or its job, is refused with. */
  refused(line: string, body?: object): Promise<readonly [number, string]>
  /** The door for tests. */
  control(line: string, body?: object): Promise<Loose>
  /** The records of a list. */
  records(path: string): Promise<readonly Loose[]>
}

export async function openClient(t: TestContext, options: OntapSimulatorOptions = {}): Promise<Client> {
  const simulator = await startOntapSimulator({ jobMs: 5, report: () => {}, ...options })
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  t.after(async () => {
    await dispatcher.destroy()
    await simulator.close()
  })
  const own = `${simulator.user}:${simulator.password}`

  const send = async (method: string, path: string, { body, headers, login = own }: CallOptions): Promise<Answer> => {
    const authorization = `Basic ${Buffer.from(login).toString('base64')}`
    const answer = await request(`https://${simulator.address}${path}`, {
      method,
      dispatcher,
      headers: { authorization, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.body.text()
    const type = String(answer.headers['content-type'])
    return {
      status: answer.statusCode,
      type,
      headers: answer.headers,
      text,
      body: type.includes('json') && JSON.parse(text),
    }
  }
  const client: Client = {
    simulator,
    call(line, options = {}) {
      const [method = '', path = ''] = line.split(' ')
      return send(method, `/api${path}`, options)
    },
    async ask(line, body) {
      const answer = await client.call(waiting(line), body && { body })
      assert.ok(answer.status < 300, `${line}: ${answer.status} ${answer.text}`)
      if (answer.status === 202) await simulator.advanceClock(1000)
      return answer.body
    },
    async refused(line, body) {
      const answer = await client.call(waiting(line), body && { body })
      assert.ok(answer.status >= 400, `${line}: ${answer.status} ${answer.text}`)
      assert.equal(typeof answer.body.error.code, 'string')
      return [answer.status, answer.body.error.code]
    },
    async control(line, body) {
      const [method = '', door = ''] = line.split(' ')
      return (await send(method, `/simulator/${door}`, body ? { body } : {})).body
    },
    records: async (path) => (await client.ask(`GET ${path}`)).records,
  }
  return client
}

export const GIB = 1024 ** 3

/** The body of a POST that makes a FlexVol. */
export function newVolume(name: string, more: object = {}): object {
  return {
    name,
    svm: { name: 'svm1' },
    aggregates: [{ name: 'aggr1' }],
    size: GIB,
    guarantee: { type: 'none' },
    ...more,
  }
}

/** The UUID of a volume. */
export async function uuidOf({ records }: Client, name: string): Promise<string> {
  const [volume] = await records(`/storage/volumes?name=${name}`)
  return volume.uuid
}

/** Has the array wait for the job before it answers. */
function waiting(line: string): string {
  if (line.startsWith('GET ')) return line
  return `${line}${line.includes('?') ? '&' : '?'}return_timeout=30`
}
