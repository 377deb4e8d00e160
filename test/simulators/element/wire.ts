/** A simulated array asked without a network: the text of a request in, the text of a reply out. */

import assert from 'node:assert/strict'
import { answer } from '../../../src/simulators/element/rpc.ts'
import { type ElementArray, newArray } from '../../../src/simulators/element/state.ts'

/** A reply, of which a test reads whatever it asks about. */
export type Loose = ReturnType<typeof JSON.parse>

export interface Wire {
  readonly array: ElementArray
  /** Methods that were asked for and are none. */
  readonly unknown: string[]
  /** The result of a call. Fails the test when the array refuses. */
  ask(method: string, params?: object, version?: string): Promise<Loose>
  /** The name of the error that a call is refused with. */
  refused(method: string, params?: object, version?: string): Promise<string>
  /** What answers a request as it stands. */
  send(body: string, path?: string, method?: string): Promise<{ status: number; type: string; body: string }>
  /** Lets the simulated clock run on. */
  wait(ms: number): void
}

export const CLONE_MS = 1000

export function wire(apiVersion = '12.0'): Wire {
  const array = newArray({ svip: '127.0.0.1:3260', mvip: '127.0.0.1', apiVersion, cloneMs: CLONE_MS })
  const unknown: string[] = []
  const tools = {
    array,
    changed: async () => {
      array.effects.length = 0
    },
    unknown: (method: string) => unknown.push(method),
  }
  const send: Wire['send'] = (body, path = `/json-rpc/${apiVersion}`, method = 'POST') =>
    answer(tools, { method, path, body })
  const call = async (method: string, params: object, version = apiVersion) => {
    const { status, body } = await send(JSON.stringify({ method, params, id: 1 }), `/json-rpc/${version}`)
    assert.equal(status, 200, body)
    return JSON.parse(body)
  }
  return {
    array,
    unknown,
    send,
    async ask(method, params = {}, version) {
      const { result, error } = await call(method, params, version)
      assert.equal(error, undefined)
      return result
    },
    async refused(method, params = {}, version) {
      const { result, error } = await call(method, params, version)
      assert.deepEqual([result, error?.code], [undefined, 500])
      return error.name
    },
    wait(ms) {
      array.clockAheadMs += ms
    },
  }
}

/** An array with the account `docker`, number 1, and a volume for each name, from number 1 on. */
export async function wireWithVolumes(names: readonly string[], apiVersion?: string): Promise<Wire> {
  const made = wire(apiVersion)
  await made.ask('AddAccount', { username: 'docker' })
  for (const name of names) {
    await made.ask('CreateVolume', { name, accountID: 1, totalSize: 1_000_000_000, enable512e: true })
  }
  return made
}

/** The members called `volumeID` of a list. */
export function idsOf({ volumes }: { readonly volumes: readonly { readonly volumeID: number }[] }): readonly number[] {
  return volumes.map(({ volumeID }) => volumeID)
}
