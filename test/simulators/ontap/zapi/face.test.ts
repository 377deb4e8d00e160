import assert from 'node:assert/strict'
import { test } from 'node:test'
import { userKey } from '../../../../src/simulators/ontap/face.ts'
import { zapiFace } from '../../../../src/simulators/ontap/zapi/face.ts'
import { enveloped, parsed, wire } from './wire.ts'

const VERSION = 'system-get-ontapi-version'

test('an answer has the prolog, the DOCTYPE and the quotation marks of the array, and the level of its release', async () => {
  const { send } = await wire({ release: '9.9.1' })
  const { status, type, body } = await send(enveloped(VERSION, {}))
  assert.deepEqual([status, type], [200, 'text/xml; charset=utf-8'])
  const [prolog, doctype, netapp, ...rest] = body.split('\n')
  assert.equal(prolog, "<?xml version='1.0' encoding='UTF-8' ?>")
  assert.equal(doctype, "<!DOCTYPE netapp SYSTEM 'file:/etc/netapp_gx.dtd'>")
  assert.match(netapp!, /^<netapp version='1\.191' xmlns='\S+\/filer\/admin'>$/)
  const results = '<major-version>1</major-version><minor-version>191</minor-version>'
  assert.deepEqual(rest, [`<results status="passed">${results}</results></netapp>`])
})

test('each release has its level', async () => {
  const levels = { '8.3': 30, '8.3.2': 32, '9.0': 100, '9.1': 110, '9.9.1': 191, '9.10.1': 201, '9.15.1': 201 }
  for (const [release, level] of Object.entries(levels)) {
    const { ask } = await wire({ release })
    assert.equal((await ask(VERSION))['minor-version'], String(level), release)
  }
})

test('a failure is an answer like others, with errno and reason', async () => {
  const { send } = await wire()
  const { status, body } = await send(enveloped('volume-size', { volume: 'a&b<"\'>' }))
  assert.equal(status, 200)
  const { results } = parsed(body).netapp
  assert.equal(results['@status'], 'failed')
  assert.equal(results['@errno'], '15661')
  assert.match(body, /reason="Volume &quot;a&amp;b&lt;&quot;&apos;&gt;&quot; does not exist/)
})

test('a call that answers nothing is an empty element that has passed', async () => {
  const { send, volume } = await wire({ volumes: ['a'] })
  const { body } = await send(enveloped('volume-unmount', { 'volume-name': 'a' }))
  assert.ok(body.endsWith('<results status="passed"/></netapp>'), body)
  assert.equal(volume('a').junction, undefined)
})

test('other methods than POST are told so in an answer whose errno is no number', async () => {
  const { send } = await wire()
  const { status, body } = await send('', { method: 'GET' })
  assert.equal(status, 200)
  assert.match(body, /errno="Not_Allowed" reason="Not supported method type"/)
})

test('a level newer than that of the release is refused, and so is none', async () => {
  const { ask, refused, send } = await wire({ release: '8.3' })
  await ask(VERSION, {}, { version: '1.21' })
  await ask(VERSION, {}, { version: '1.30' })
  assert.match(await refused(VERSION, {}, { version: '1.31' }), /^13001 Version 1\.31 was requested, but only 1\.30 /)
  assert.match(await refused(VERSION, {}, { version: '2.0' }), /^13001 /)
  const { body } = await send(`<netapp><${VERSION}/></netapp>`)
  assert.match(body, /errno="13001" reason="The request names no version/)
})

test('with 9.10.1 the level was frozen: later releases have no newer one', async () => {
  const { ask, refused } = await wire({ release: '9.17.1' })
  assert.equal((await ask('system-get-ontapi-version', {}, { version: '1.201' }))['minor-version'], '201')
  assert.match(await refused(VERSION, {}, { version: '1.202' }), /^13001 .*only 1\.201 /)
})

test('what is no request of one API is refused, and no entity is expanded', async () => {
  const { send } = await wire()
  const bodies = [
    ...['', 'no XML', '{"a": 1}', '<netapp version="1.21"/>', `<filer version="1.21"><${VERSION}/></filer>`],
    `<netapp version="1.21"><${VERSION}/><${VERSION}/></netapp>`,
    enveloped(VERSION, {}).slice(0, -20),
    `<!DOCTYPE a [<!ENTITY b "c">]>${enveloped(VERSION, {}).replace(/<\?.*?\?>/, '')}`,
  ]
  for (const body of bodies) {
    const answer = await send(body)
    assert.equal(answer.status, 200, body)
    assert.match(answer.body, /status="failed" errno="13001"/, body)
  }
})

test('an API nobody knows cannot be found, and is told of', async () => {
  const { refused, unknown } = await wire()
  assert.equal(await refused('volume-explode'), '13005 Unable to find API: volume-explode')
  assert.deepEqual(unknown, ['Unknown API of ONTAP: volume-explode'])
})

test('on the address of an SVM, what is the cluster’s cannot be found', async () => {
  const { refused, list, unknown } = await wire()
  for (const api of ['system-node-get-iter', 'aggr-get-iter', 'aggr-space-get-iter', 'job-get-iter']) {
    assert.equal(await refused(api), `13005 Unable to find API: ${api}`)
  }
  assert.deepEqual(unknown, [])
  assert.deepEqual(
    (await list('vserver-get-iter')).map((svm) => svm['vserver-name']),
    ['svm1'],
  )
})

test('on the address of an SVM, the SVM may be named, and no other', async () => {
  const { ask, refused } = await wire()
  await ask('volume-get-root-name', {}, { vfiler: 'svm1' })
  for (const vfiler of ['svm2', 'cluster1', '']) {
    assert.equal(await refused('volume-get-root-name', {}, { vfiler }), '15698 Specified vserver not found')
  }
})

test('on the address of the cluster, calls for an SVM must name it', async () => {
  const { ask, refused, list } = await wire({ scope: 'cluster' })
  assert.equal(await refused('volume-get-root-name', {}, {}), '13005 Unable to find API: volume-get-root-name')
  assert.equal((await ask('volume-get-root-name', {}, { vfiler: 'svm2' }))['volume'], 'svm2_root')
  assert.equal(await refused('volume-get-root-name', {}, { vfiler: 'svm3' }), '15698 Specified vserver not found')
  assert.equal(await refused('volume-get-root-name', {}, { vfiler: 'cluster1' }), '15698 Specified vserver not found')
  const svms = await list('vserver-get-iter', {}, {})
  assert.deepEqual(
    svms.map((svm) => [svm['vserver-name'], svm['vserver-type']]),
    [
      ['cluster1', 'admin'],
      ['svm1', 'data'],
      ['svm2', 'data'],
    ],
  )
})

test('on the address of the cluster, what is the cluster’s is not within an SVM', async () => {
  const { ask, refused } = await wire({ scope: 'cluster' })
  assert.equal(await refused('aggr-get-iter', {}, { vfiler: 'svm1' }), '13005 Unable to find API: aggr-get-iter')
  assert.equal((await ask('aggr-get-iter', {}, {}))['num-records'], '2')
  const roots = await ask('volume-get-iter', {}, {})
  assert.equal(roots['num-records'], '2')
})

test('naming an SVM takes a level that knows of it', async () => {
  const { ask, refused } = await wire()
  assert.match(await refused('volume-get-root-name', {}, { vfiler: 'svm1', version: '1.14' }), /^13001 /)
  await ask('volume-get-root-name', {}, { vfiler: 'svm1', version: '1.15' })
  await ask('volume-get-root-name', {}, { version: '1.14' })
})

test('a call that the role does not allow is refused in the words of the array', async () => {
  const { ask, refused, userWith, array } = await wire({ volumes: ['a'] })
  const user = userWith('docker', [
    { command: 'DEFAULT', access: 'none' },
    { command: 'volume', access: 'readonly' },
    { command: 'volume mount', access: 'all' },
    { command: 'volume snapshot', access: 'none' },
  ])
  const privilege = (access: string) =>
    `13003 Insufficient privileges: user 'docker' does not have ${access} access to this resource`
  await ask('volume-get-iter', {}, { user })
  await ask('volume-mount', { 'volume-name': 'a', 'junction-path': '/a' }, { user })
  assert.equal(await refused('volume-unmount', { 'volume-name': 'a' }, { user }), privilege('write'))
  assert.equal(await refused('volume-destroy', { name: 'none' }, { user }), privilege('write'))
  assert.equal(await refused('snapshot-get-iter', {}, { user }), privilege('read'))
  assert.equal(await refused('net-interface-get-iter', {}, { user }), privilege('read'))
  array.roles.splice(0)
  assert.equal(await refused('volume-get-iter', {}, { user }), privilege('read'))
})

test('what came with a later release cannot be found or is too much', async () => {
  const old = await wire({ release: '8.3' })
  const show = { vserver: 'svm1' }
  assert.equal(
    await old.refused('vserver-show-aggr-get-iter', show),
    '13005 Unable to find API: vserver-show-aggr-get-iter',
  )
  const cluster = await wire({ release: '8.3', scope: 'cluster' })
  assert.equal((await cluster.ask('vserver-show-aggr-get-iter', show, {}))['num-records'], '2')
  assert.equal((await (await wire({ release: '9.0' })).ask('vserver-show-aggr-get-iter', show))['num-records'], '2')

  const place = { volume: 'a', 'containing-aggr-name': 'aggr1', size: '1g' }
  assert.equal(await old.refused('volume-create', { ...place, encrypt: false }), '13115 Extra input: encrypt')
  assert.deepEqual(old.unknown, [])
  await (await wire({ release: '9.1' })).ask('volume-create', { ...place, encrypt: true })
  assert.equal(
    await old.refused('volume-create', { ...place, 'tiering-policy': 'none' }),
    '13115 Extra input: tiering-policy',
  )
  assert.match(await old.refused('volume-create-async', {}), /^13005 /)
  assert.match(await (await wire({ release: '9.6' })).refused('volume-clone-create-async', {}), /^13005 /)
})

test('from 9.18 on there is no ONTAPI', async () => {
  const { send } = await wire({ release: '9.18' })
  assert.equal((await send(enveloped(VERSION, {}))).status, 404)
})

test('a request is known by its API, unless it is none', async () => {
  const { array } = await wire()
  const face = zapiFace({
    array,
    changed: async () => {},
    jobDone: async () => {},
    emptyPages: false,
    report: () => {},
  })
  const user = userKey(array.users[0]!)
  const request = (body: string) => ({ method: 'POST', path: '/', query: '', headers: {}, body, user })
  assert.equal(face.operationOf(request(enveloped('volume-create', {}))), 'volume-create')
  assert.equal(face.operationOf(request(enveloped('volume-create', {}, { version: '9.0' }))), undefined)
  assert.equal(face.operationOf(request('')), undefined)
  const create = request(enveloped('volume-create', {}))
  assert.match(face.refuse(create, '13001').body, /errno="13001" reason="[^"]*Job exists"/)
  assert.match(face.refuse(create, '13003').body, /Insufficient privileges: user &apos;vsadmin&apos;/)
  assert.match(face.refuse(create, '13005').body, /Unable to find API: volume-create/)
  assert.match(face.refuse(create, '15894').body, /errno="15894"/)
  const astray = face.misaddress(await face.answer(request(enveloped(VERSION, {}))))
  assert.doesNotMatch(astray.body, /results/)
})
