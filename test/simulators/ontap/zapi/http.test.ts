/** ONTAPI on a real address. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Agent, request } from 'undici'
import {
  type OntapSimulator,
  type OntapSimulatorOptions,
  startOntapSimulator,
} from '../../../../src/simulators/ontap/simulator.ts'
import { enveloped, type Inputs, type Loose, parsed, recordsIn } from './wire.ts'

const PATH = '/servlets/netapp.servlets.admin.XMLrequest_filer'

interface Client {
  readonly simulator: OntapSimulator
  /** Status and body. */
  send(method: 'GET' | 'POST', body?: string, password?: string): Promise<readonly [number, string]>
  /** What stands in `results`. */
  ask(api: string, inputs?: Inputs): Promise<Loose>
}

async function openClient(t: TestContext, options: OntapSimulatorOptions = {}): Promise<Client> {
  const simulator = await startOntapSimulator({ jobMs: 10, ...options })
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
  t.after(async () => {
    await dispatcher.destroy()
    await simulator.close()
  })
  const send: Client['send'] = async (method, body, password = simulator.password) => {
    const authorization = `Basic ${Buffer.from(`${simulator.user}:${password}`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/xml' }
    const url = `https://${simulator.address}${PATH}`
    const answer = await request(url, { method, dispatcher, headers, ...(body !== undefined && { body }) })
    return [answer.statusCode, await answer.body.text()]
  }
  return {
    simulator,
    send,
    ask: async (api, inputs = {}) => parsed((await send('POST', enveloped(api, inputs)))[1]).netapp.results,
  }
}

test('wrong credentials are told by the status, without XML', async (t) => {
  const { send, simulator } = await openClient(t)
  const [status, body] = await send('POST', enveloped('system-get-version', {}), 'wrong')
  assert.equal(status, 401)
  assert.doesNotMatch(body, /<netapp/)
  assert.deepEqual(simulator.counts(), {})
})

test('a request that is no POST is answered by the servlet, and not counted', async (t) => {
  const { send, simulator } = await openClient(t)
  const [status, body] = await send('GET')
  assert.equal(status, 200)
  assert.match(body, /errno="Not_Allowed"/)
  assert.deepEqual(simulator.counts(), {})
})

test('calls are counted by their APIs', async (t) => {
  const { ask, simulator } = await openClient(t)
  for (const api of ['system-get-version', 'volume-get-iter', 'volume-get-iter']) await ask(api)
  assert.deepEqual(simulator.counts(), { 'system-get-version': 1, 'volume-get-iter': 2 })
})

test('a test may have an API fail with a number, and then it is done no more', async (t) => {
  const { ask, simulator } = await openClient(t, { faults: ['13001:volume-create:1'] })
  const place = { volume: 'a', 'containing-aggr-name': 'aggr1', size: '1g' }
  const answer = await ask('volume-create', place)
  assert.deepEqual([answer['@status'], answer['@errno']], ['failed', '13001'])
  assert.match(answer['@reason'], /Job exists$/)
  assert.equal((await ask('volume-size', { volume: 'a' }))['@errno'], '15661')
  simulator.addFault('13003:*')
  assert.match((await ask('volume-create', place))['@reason'], /Insufficient privileges/)
  simulator.clearFaults()
  assert.equal((await ask('volume-create', place))['@status'], 'passed')
})

test('a test may have a job fail, and what it was for is not done', async (t) => {
  const { ask, simulator } = await openClient(t, { faults: ['job-13001:quota-on:1'] })
  await ask('volume-create', { volume: 'a', 'containing-aggr-name': 'aggr1', size: '1g' })
  const { 'result-status': status, 'result-jobid': id } = await ask('quota-on', { volume: 'a' })
  assert.equal(status, 'in_progress')
  await simulator.advanceClock(1000)
  const job = [...simulator.array.jobs.values()].find((job) => String(job.id) === id)
  assert.equal(job?.outcome?.state, 'failure')
  assert.equal((await ask('quota-status', { volume: 'a' }))['status'], 'off')
})

test('jobs end by themselves', async (t) => {
  const { ask, simulator } = await openClient(t, { scope: 'svm' })
  await ask('volume-create', { volume: 'a', 'containing-aggr-name': 'aggr1', size: '1g' })
  await ask('quota-set-entry', { volume: 'a', qtree: '', 'quota-target': '', 'quota-type': 'tree', 'disk-limit': '-' })
  assert.equal((await ask('quota-on', { volume: 'a' }))['result-status'], 'in_progress')
  const { svm } = simulator.array.users[0]!
  const job = [...simulator.array.jobs.values()].find((job) => job.svm === svm)!
  await simulator.advanceClock(1000)
  assert.equal((await ask('quota-status', { volume: 'a' }))['status'], 'on')
  assert.equal(simulator.array.jobs.get(job.uuid)?.outcome?.state, 'success')
})

test('both faces show one array', async (t) => {
  const { ask, simulator } = await openClient(t, { volumes: 3 })
  const found = { query: { 'volume-attributes': { 'volume-id-attributes': { name: 'netappdvp_*' } } } }
  assert.equal(recordsIn(await ask('volume-get-iter', found)).length, 3)
  await ask('volume-destroy', { name: 'netappdvp_bench_0', 'unmount-and-offline': true })
  assert.equal(simulator.array.volumes.deleted().length, 1)
})

test('ONTAPI is not there from 9.18 on', async (t) => {
  const { send } = await openClient(t, { release: '9.18.1' })
  assert.equal((await send('POST', enveloped('system-get-version', {})))[0], 404)
})
