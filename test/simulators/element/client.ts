/** A simulated array on a real address, and a client of it. */

import type { TestContext } from 'node:test'
import { Agent, request } from 'undici'
import {
  type ElementSimulator,
  type SimulatorOptions,
  startElementSimulator,
} from '../../../src/simulators/element/simulator.ts'
import type { Loose } from './wire.ts'

export interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

export interface Client {
  readonly simulator: ElementSimulator
  call(method: string, params?: object, options?: { password?: string; url?: string }): Promise<Answer>
  /** The result of a call that succeeds. */
  ask(method: string, params?: object): Promise<Loose>
  /** The door for tests. */
  control(line: string, body?: object): Promise<Loose>
}

export async function openClient(t: TestContext, options: SimulatorOptions = {}): Promise<Client> {
  const simulator = await startElementSimulator(options)
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  t.after(async () => {
    await dispatcher.destroy()
    await simulator.close()
  })

  const send = async (method: string, url: string, body?: string, password = options.password ?? 'admin') => {
    const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
    const answer = await request(url, { method, dispatcher, headers: { authorization }, ...(body && { body }) })
    const type = String(answer.headers['content-type'])
    return { status: answer.statusCode, type, text: await answer.body.text() }
  }
  const call: Client['call'] = (method, params = {}, { password, url = simulator.url } = {}) =>
    send('POST', url, JSON.stringify({ method, params, id: 1 }), password)
  return {
    simulator,
    call,
    ask: async (method, params) => JSON.parse((await call(method, params)).text).result,
    async control(line, body) {
      const [method = '', door = ''] = line.split(' ')
      const answer = await send(method, `${new URL(simulator.url).origin}/simulator/${door}`, JSON.stringify(body))
      return JSON.parse(answer.text)
    },
  }
}
