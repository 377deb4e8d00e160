import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openElement } from '../../../src/backends/element/open.ts'
import { silentLog } from '../../../src/log.ts'
import { Secret } from '../../../src/secret.ts'
import { context, temporaryDirectory } from '../../host/fakes.ts'
import { say, tlsServer } from '../tls-server.ts'
import { answering, cluster, volume } from './clusters.ts'

/** The version spoken with an array that has `supported`, when the endpoint asks for `asked`. */
async function spoken(t: TestContext, asked: string, supported: readonly string[]): Promise<string> {
  const server = await tlsServer(t, (seen, response, socket) => {
    const version = seen.path.replace('/json-rpc/', '')
    if (!supported.includes(version)) return say(404, '<html>404</html>')(seen, response, socket)
    return answering({ result: { supportedVersions: supported } })(seen, response, socket)
  })
  const element = await openElement({
    endpoint: new Secret(`https://admin:secret-of-versions@127.0.0.1:${server.port}/json-rpc/${asked}`),
    tls: {},
    stateDirectory: await temporaryDirectory(t),
    maxConcurrentRequests: 5,
    log: silentLog,
    signal: new AbortController().signal,
  })
  await element.close()
  return element.apiVersion
}

const OLD = ['1.0', '5.0', '6.0', '7.0', '7.4']
const NEW = [...OLD, '8.0', '8.7', '9.0', '10.0', '12.0', '12.3']

test('the version of the endpoint is spoken from 8.0 on', async (t) => {
  assert.equal(await spoken(t, '8.7', NEW), '8.7')
  assert.equal(await spoken(t, '12.3', NEW), '12.3')
})

test('an endpoint of nDVP, which says 7.0, speaks 8.0 with an array that has it', async (t) => {
  assert.equal(await spoken(t, '7.0', NEW), '8.0')
  assert.equal(await spoken(t, '1.0', NEW), '8.0')
  assert.equal(await spoken(t, '7.0', ['10.0', '8.2', '9.1', '1.0']), '8.2')
})

test('an array of 7 is spoken to in 7', async (t) => {
  assert.equal(await spoken(t, '7.0', OLD), '7.0')
  assert.equal(await spoken(t, '7.3', OLD), '7.4')
  assert.equal(await spoken(t, '5.0', OLD), '7.4')
})

test('a version the array does not have is told with those it has', async (t) => {
  await assert.rejects(spoken(t, '12.8', NEW), {
    code: 'TOO_OLD',
    message: /no version 12\.8 .*7\.0, 7\.4, 8\.0, 8\.7, 9\.0, 10\.0, 12\.0, 12\.3/,
  })
})

test('an array older than 7.0 is told to be', async (t) => {
  await assert.rejects(spoken(t, '7.0', ['1.0', '5.0', '6.0']), { code: 'TOO_OLD', message: /is 6\.0, and 7\.0/ })
})

test('a web server that is no Element cluster is told to be', async (t) => {
  await assert.rejects(spoken(t, '7.0', []), { code: 'MALFORMED', message: /MVIP of an Element cluster/ })
})

test('in 7 volumes are found by looking through those of the account, and one by its ID only if it is that', async (t) => {
  const { element, calls } = await cluster(
    t,
    [
      { result: { volumes: [volume(1), volume(2, { status: 'deleted' }), volume(3, { name: 'v1', status: 'init' })] } },
      { result: { volumes: [volume(9)] } },
      { result: { volumes: [volume(7, { status: 'deleted' })] } },
    ],
    { version: '7.0' },
  )
  const named = await element.volumes.named(context(), 3, 'v1')
  assert.deepEqual(
    named.map(({ id }) => id),
    [1, 3],
  )
  const found = await element.volumes.withIds(context(), [7])
  assert.deepEqual(
    found.map(({ id, status }) => [id, status]),
    [[7, 'deleted']],
  )
  assert.deepEqual(
    calls.map(({ method }) => method),
    ['ListVolumesForAccount', 'ListActiveVolumes', 'ListDeletedVolumes'],
  )
})

test('in 7 a create is answered with an ID alone, and the volume is looked up', async (t) => {
  const { element } = await cluster(t, [{ result: { volumeID: 7, curve: {} } }, { result: { volumes: [volume(7)] } }], {
    version: '7.0',
  })
  const made = await element.volumes.create(context(), {
    name: 'v7',
    accountId: 3,
    size: volume(7).totalSize as never,
    enable512e: true,
    attributes: {},
  })
  assert.equal(made.naa, '6f47acc1000000006162313200000007')
})
