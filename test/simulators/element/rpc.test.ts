import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '../../../src/simulators/element/rpc.ts'
import { wire } from './wire.ts'

test('a reply repeats the request’s id whatever it was, null when there was none, and names no JSON-RPC', async () => {
  const { send } = wire()
  for (const [id, echoed] of [
    ['7', 7],
    ['"text"', 'text'],
    ['{"a":[1]}', { a: [1] }],
    [undefined, null],
  ] as const) {
    const { body } = await send(`{"method":"GetLimits"${id === undefined ? '' : `,"id":${id}`}}`)
    const reply = JSON.parse(body)
    assert.deepEqual(reply.id, echoed)
    assert.deepEqual(Object.keys(reply), ['id', 'result'])
  }
})

test('an error comes with status 200, code 500 and a name', async () => {
  const { send } = wire()
  const { status, body } = await send('{"method":"GetAccountByID","params":{"accountID":3},"id":1}')
  assert.equal(status, 200)
  assert.deepEqual(JSON.parse(body), {
    id: 1,
    error: { code: 500, name: 'xUnknownAccount', message: 'xUnknownAccount' },
  })
})

test('a method that the version does not have is refused and told to whoever runs the array', async () => {
  const { refused, ask, unknown } = wire()
  assert.equal(await refused('ListVolumes', {}, '7.4'), 'xUnknownAPIMethod')
  assert.equal(await refused('FlyToTheMoon'), 'xUnknownAPIMethod')
  assert.deepEqual(unknown, ['ListVolumes', 'FlyToTheMoon'])
  await ask('ListVolumes', {}, '8.0')
})

test('a version the array does not speak, or a path that is none, is a page and not a reply', async () => {
  const { send } = wire('8.7')
  for (const path of ['/json-rpc/9.0', '/json-rpc/7.9', '/json-rpc', '/json-rpc/x', '/']) {
    const { status, type, body } = await send('{"method":"GetAPI"}', path)
    assert.deepEqual([status, type], [404, 'text/html'], path)
    assert.match(body, /^<!DOCTYPE HTML>/)
  }
  assert.equal((await send('{"method":"GetAPI"}', '/json-rpc/1.0/')).status, 200)
  assert.equal((await send('', '/json-rpc/8.7', 'GET')).status, 405)
})

test('what is no request is refused like a wrong call', async () => {
  const { send } = wire()
  for (const body of ['', 'nonsense', '[]', 'null']) {
    assert.equal(JSON.parse((await send(body)).body).error.name, 'xInvalidParameter', body)
  }
  assert.equal(JSON.parse((await send('{"id":1}')).body).error.name, 'xUnknownRPCMethod')
  const list = await send('{"method":"GetLimits","params":[1],"id":1}')
  assert.equal(JSON.parse(list.body).error.name, 'xInvalidParameterType')
})

test('params may be missing or null', async () => {
  const { send } = wire()
  for (const params of ['', ',"params":null', ',"params":{}']) {
    assert.ok('result' in JSON.parse((await send(`{"method":"ListActiveVolumes"${params},"id":1}`)).body), params)
  }
})

test('a fault that is asked for looks like the array’s own', () => {
  const request = { method: 'POST', path: '/json-rpc/8.0', body: '{"method":"CloneVolume","id":9}' }
  const { id, error } = JSON.parse(refuse(request, 'xSliceNotRegistered').body)
  assert.deepEqual([id, error.code, error.name], [9, 500, 'xSliceNotRegistered'])
})
