/** The ONTAP NAS drivers in a Swarm of three nodes, the first of which also is the array. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containersOn } from '../support/containers.ts'
import type { LabMachine } from '../support/machine.ts'
import { CONFIG, type LabOntap, managementAt, startOntap } from '../support/ontap.ts'
import { askPlugin, installExecutable, installPlugin, type LabPlugin } from '../support/plugin.ts'
import { labSuiteOf } from '../support/suite.ts'
import {
  createAtOnce,
  docker,
  formSwarm,
  installOnEach,
  inTask,
  onEach,
  PATIENCE_MS,
  startService,
  untilNothingIsLeft,
  untilRunningOn,
} from '../support/swarm.ts'

const NAS = 'ontap-nas'
const ECONOMY = 'ontap-nas-economy'
const AT_ONCE = 50

const mountpointOf = (plugin: string, name: string) => `/var/lib/docker-volumes/${plugin}/netappdvp_${name}`

labSuiteOf(3, 'ontap-nas in a Swarm', (nodes) => {
  const [first, second, third] = nodes as readonly [LabMachine, LabMachine, LabMachine]
  const { address } = first
  let array: LabOntap
  let plugins: readonly LabPlugin[]

  /** Of the array, by their own names. */
  async function namesOf(collection: string, query: string): Promise<readonly string[]> {
    const { records } = await array.rest<{ readonly records: readonly { readonly name: string }[] }>(
      'get',
      `${collection}?${query}`,
    )
    return records.map(({ name }) => name)
  }

  test('three nodes with the plugins become a Swarm that knows of them', async () => {
    await onEach(nodes, installExecutable)
    // The array takes half a second for what it does, as a busy one would: others come in between.
    array = await startOntap(first, { address, args: ['--job-ms=500'] })
    const v3 = { nfsMountOptions: '-o nfsvers=3,nolock', autoExportPolicy: true, autoExportCIDRs: ['10.77.0.0/24'] }
    const [nas] = await Promise.all([
      installOnEach(nodes, address, { storageDriverName: NAS, nfsMountOptions: '-o nfsvers=4.1' }),
      installOnEach(nodes, address, { storageDriverName: ECONOMY, ...v3 }),
    ])
    plugins = nas
    await formSwarm(nodes, [NAS, ECONOMY])
  })

  test('a volume that is made on one node is there on all', async () => {
    await docker(first, 'volume', 'create', `--driver=${NAS}`, '--name=web', '--opt=size=100m')
    await onEach(nodes, async (node) => {
      await node.until('docker lists it', `docker volume ls | grep --extended-regexp '^ontap-nas +web$'`, PATIENCE_MS)
      assert.equal((await containersOn(node, { name: NAS }).inspect('web')).Status['size'], '100 MiB')
    })
  })

  test('150 creates of one name at once, by three nodes, make one volume and no error', async () => {
    const create = { Name: 'popular', Opts: { size: '30m' } }
    const answers = await onEach(nodes, (node) => createAtOnce(node, NAS, AT_ONCE, create))
    assert.deepEqual(answers, Array(3).fill('{"Err":""}'.repeat(AT_ONCE)))
    assert.deepEqual(await namesOf('/storage/volumes', 'name=*popular*'), ['netappdvp_popular'])
    await untilNothingIsLeft(nodes)
  })

  test('150 such creates of ontap-nas-economy make one qtree with one quota, and leave no other', async () => {
    const create = { Name: 'crowded', Opts: { size: '30m' } }
    const answers = await onEach(nodes, (node) => createAtOnce(node, ECONOMY, AT_ONCE, create))
    assert.deepEqual(answers, Array(3).fill('{"Err":""}'.repeat(AT_ONCE)))
    assert.deepEqual(await namesOf('/storage/qtrees', 'name=*crowded*'), ['netappdvp_crowded'])
    const { records } = await array.rest<{
      readonly records: readonly { readonly qtree?: { readonly name: string } }[]
    }>('get', '/storage/quota/rules?fields=qtree.name')
    assert.deepEqual(
      records.flatMap(({ qtree }) => qtree?.name || []),
      ['netappdvp_crowded'],
    )
    await untilNothingIsLeft(nodes)
  })

  test('a service mounts its volume on each node that runs a task of it', async () => {
    const more = ['--replicas=3', '--replicas-max-per-node=1']
    await startService(first, 'web', { mount: `volume-driver=${NAS},source=web`, more })
    await untilRunningOn(nodes, [], mountpointOf(NAS, 'web'))
    assert.equal(await inTask(third, 'web', 'ls /mnt'), 'node1\nnode2\nnode3')
  })

  test('what one node has written the others read, and lines that all append under a lock are all there', async () => {
    await inTask(second, 'web', 'echo "written on $(hostname)" >/mnt/note')
    assert.deepEqual(await onEach([first, third], (node) => inTask(node, 'web', 'cat /mnt/note')), [
      'written on node2',
      'written on node2',
    ])
    const append = `
      cd ${mountpointOf(NAS, 'web')}
      for number in {1..8}; do flock lock sh -c "echo $HOSTNAME $number >>lines"; done`
    await onEach(nodes, (node) => node.sh(append, { limitMs: 120_000 }))
    const expected = nodes.flatMap(({ name }) => [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `${name} ${number}`))
    assert.deepEqual((await inTask(second, 'web', 'sort /mnt/lines')).split('\n'), expected)
  })

  test('a plugin that is started again leaves its node’s task as it is', async () => {
    const mount = `grep --fixed-strings ' ${mountpointOf(NAS, 'web')} ' /proc/1/mountinfo`
    const tasks = 'docker ps --quiet --no-trunc'
    const before = await second.sh(`${mount}; ${tasks}`)
    await second.sh(`systemctl restart ${plugins[1]!.unit}`)
    await plugins[1]!.ready()
    assert.equal(await second.sh(`${mount}; ${tasks}`), before)
    assert.equal(await inTask(second, 'web', 'echo again >>/mnt/note; cat /mnt/note'), 'written on node2\nagain')
  })

  test('a service that is made smaller unmounts where it no longer runs, and only there', async () => {
    await docker(first, 'service', 'scale', '--detach', 'web=1')
    const running = ['service', 'ps', '--filter=desired-state=running', '--format={{.Node}}', 'web']
    const stays = await docker(first, ...running)
    const [one, others] = [nodes.filter(({ name }) => name === stays), nodes.filter(({ name }) => name !== stays)]
    assert.equal(one.length, 1)
    await untilRunningOn(one, others, mountpointOf(NAS, 'web'))
    await untilNothingIsLeft(others)
    assert.equal(await inTask(one[0]!, 'web', 'head -n 1 /mnt/note'), 'written on node2')
  })

  test('a service that is removed leaves nothing mounted, and then its volume goes by any node', async () => {
    await docker(first, 'service', 'rm', 'web')
    await untilNothingIsLeft(nodes)
    await second.until('docker lets go of the volume', 'docker volume rm web', PATIENCE_MS)
    assert.deepEqual(await namesOf('/storage/volumes', 'name=*web*'), [])
    for (const names of await onEach(nodes, (node) => listedBy(node, NAS))) assert.deepEqual(names, ['popular'])
  })

  test('a global service makes its economy volume itself, one for all nodes, and each is admitted to it', async () => {
    const mount = `volume-driver=${ECONOMY},source=logs,volume-opt=size=30m`
    await startService(first, 'logs', { mount, more: ['--mode=global'] })
    await untilRunningOn(nodes, [], mountpointOf(ECONOMY, 'logs'))
    assert.deepEqual(await namesOf('/storage/qtrees', 'name=*logs*'), ['netappdvp_logs'])
    const { rules } = await array.record<{
      readonly rules: readonly { readonly clients: readonly { match: string }[] }[]
    }>('/protocols/nfs/export-policies', { name: 'netappdvp_auto_export' })
    const admitted = rules.flatMap(({ clients }) => clients.map(({ match }) => match))
    assert.deepEqual(
      admitted.sort(),
      nodes.map((node) => node.address),
    )
    for (const node of nodes) await inTask(node, 'logs', 'hostname >>/mnt/lines')
    const look = 'cat /mnt/lines; grep -c "/mnt nfs .*vers=3,.*nolock" /proc/mounts'
    assert.equal(await inTask(first, 'logs', look), 'node1\nnode2\nnode3\n1')
    await docker(first, 'service', 'rm', 'logs')
    await untilNothingIsLeft(nodes)
  })

  test('tenants see nothing of each other, be it by their SVM or by their prefix', async () => {
    await array.simulator('tenant', { svm: 'svm2', user: 'other', password: 'other-password', dataLif: address })
    const where = {
      ...CONFIG,
      managementLIF: managementAt(address),
      dataLIF: address,
      nfsMountOptions: '-o nfsvers=4.1',
    }
    const other = { ...where, svm: 'svm2', username: 'other', password: 'other-password' }
    await Promise.all([
      installPlugin(second, { name: 'other-svm', config: other }),
      installPlugin(third, { name: 'other-prefix', config: { ...where, storagePrefix: 'netappdvp_team_' } }),
    ])
    // What each makes, and what the first would have to call it to get at it.
    const [inSvm, ofTeam] = [
      { node: second, plugin: 'other-svm', own: 'secret', fromOutside: 'secret' },
      { node: third, plugin: 'other-prefix', own: 'db', fromOutside: 'team_db' },
    ]
    for (const { node, plugin, own, fromOutside } of [inSvm, ofTeam]) {
      await docker(node, 'volume', 'create', `--driver=${plugin}`, `--name=${own}`, '--opt=size=30m')
      await isOutOfReach(first, NAS, fromOutside)
      await isOutOfReach(node, plugin, 'popular')
      assert.deepEqual(await listedBy(node, plugin), [own])
      assert.equal(await containersOn(node, { name: plugin }).inContainer(own, 'echo kept >/mnt/x; cat /mnt/x'), 'kept')
    }
    const taken = await askPlugin(first, NAS, 'Create', { Name: 'team_db', Opts: { size: '30m' } })
    assert.match(taken.Err, /"netappdvp_team_db", is taken by .*Choose another name/)
    assert.deepEqual(await namesOf('/storage/volumes', 'name=netappdvp_team_db'), ['netappdvp_team_db'])
    const { volumes } = await array.simulator<{ volumes: readonly { readonly name: string }[] }>('state')
    assert.deepEqual(volumes.flatMap(({ name }) => (/popular|secret/.test(name) ? name : [])).sort(), [
      'netappdvp_popular',
      'netappdvp_secret',
    ])
  })

  async function listedBy(node: LabMachine, plugin: string): Promise<readonly string[]> {
    const { Err, Volumes = [] } = await askPlugin(node, plugin, 'List', {})
    assert.equal(Err, '')
    return Volumes.map(({ Name }) => Name)
  }

  /** Neither listed, nor shown, nor mounted. Removing is no error, as of any volume that is gone; it has to stay all the same. */
  async function isOutOfReach(node: LabMachine, plugin: string, name: string): Promise<void> {
    assert.ok(!(await listedBy(node, plugin)).includes(name), `${plugin} lists ${name}`)
    assert.match((await askPlugin(node, plugin, 'Get', { Name: name })).Err, /no such volume|does not exist/)
    assert.match((await askPlugin(node, plugin, 'Mount', { Name: name, ID: 'test' })).Err, /does not exist/)
    await askPlugin(node, plugin, 'Remove', { Name: name })
  }

  test('a node that dies gives its task to another, which has the data', async () => {
    const workers = [second, third]
    await docker(first, 'volume', 'create', `--driver=${NAS}`, '--name=ledger', '--opt=size=50m')
    await startService(first, 'ledger', {
      mount: `volume-driver=${NAS},source=ledger`,
      more: ['--replicas=1', '--constraint=node.role==worker'],
    })
    const running = `docker service ps --filter=desired-state=running --format='{{.Node}}' ledger | grep node`
    const name = await first.until('the task has a node', running, 60_000)
    const [victim, survivor] = name === second.name ? workers : workers.toReversed()
    await untilRunningOn([victim!], [survivor!], mountpointOf(NAS, 'ledger'))
    await inTask(victim!, 'ledger', 'echo "written on $(hostname)" >/mnt/note')
    await victim!.end()
    await untilRunningOn([survivor!], [], mountpointOf(NAS, 'ledger'))
    assert.equal(await inTask(survivor!, 'ledger', 'cat /mnt/note'), `written on ${victim!.name}`)
    await docker(first, 'service', 'rm', 'ledger')
    await untilNothingIsLeft([first, survivor!])
  })
})
