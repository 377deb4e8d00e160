import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nfsView } from '../../../src/simulators/ontap/nfs-view.ts'
import { changeExportRule, createExportPolicy } from '../../../src/simulators/ontap/operations/exports.ts'
import { createQtree } from '../../../src/simulators/ontap/operations/qtrees.ts'
import { createSnapshot, renameSnapshot } from '../../../src/simulators/ontap/operations/snapshots.ts'
import { changeVolume } from '../../../src/simulators/ontap/operations/volume-changes.ts'
import { createVolume, type NewVolume } from '../../../src/simulators/ontap/operations/volumes.ts'
import { addSvm, prepareCluster } from '../../../src/simulators/ontap/preload.ts'
import { parseRelease } from '../../../src/simulators/ontap/releases.ts'
import type { Svm } from '../../../src/simulators/ontap/state/svm.ts'
import type { Volume } from '../../../src/simulators/ontap/state/volume.ts'
import { newArray, type OntapArray } from '../../../src/simulators/ontap/state.ts'

const MIB = 1024 * 1024

function anArray(): { readonly array: OntapArray; readonly svm: Svm } {
  const durations = { job: 0, split: 0, quota: 0 }
  const array = newArray({ release: parseRelease('9.15.1'), durations, lif: { scope: 'svm', svm: 'svm1' } })
  prepareCluster(array)
  return { array, svm: anSvm(array, 'svm1', '127.0.0.1') }
}

function anSvm(array: OntapArray, name: string, address: string): Svm {
  return addSvm(array, { name, dataLifs: [address], managementLif: address, nfsVersions: ['3', '4.1'] })
}

function aVolume(array: OntapArray, svm: Svm, name: string, more: Partial<NewVolume> = {}): Volume {
  const basics = { svm: svm.uuid, name, style: 'flexvol', aggregates: ['aggr1'], size: 50 * MIB } as const
  return createVolume(array, { ...basics, guarantee: 'none', junction: `/${name}`, ...more })
}

const pathsOf = (array: OntapArray) => nfsView(array).mounts.map(({ path }) => path)

function clientsAt(array: OntapArray, path: string) {
  const found = nfsView(array).exports.find((one) => one.path === path)
  return found?.clients.map(({ match, readOnly, rootIsRoot }) => [match, readOnly ? 'ro' : 'rw', rootIsRoot])
}

test('volumes show at their junctions, those in others after them; without a junction they do not', () => {
  const { array, svm } = anArray()
  aVolume(array, svm, 'b')
  aVolume(array, svm, 'a')
  aVolume(array, svm, 'inner', { junction: '/a/inner' })
  const loose = aVolume(array, svm, 'loose')
  changeVolume(array, loose.uuid, { junction: null })
  assert.deepEqual(pathsOf(array), ['/a', '/a/inner', '/b'])
})

test('snapshots show when the volume’s directory of them does, to be read only, each as a file system of its own', () => {
  const { array, svm } = anArray()
  const { uuid } = aVolume(array, svm, 'a', { snapshotDirectory: false })
  const snapshot = createSnapshot(array, uuid, { name: 'monday' })
  assert.deepEqual(pathsOf(array), ['/a'])
  changeVolume(array, uuid, { snapshotDirectory: true })
  assert.deepEqual(pathsOf(array), ['/a', '/a/.snapshot/monday'])
  const [, shown] = nfsView(array).exports
  assert.equal(shown?.fsid, snapshot.uuid)
  assert.deepEqual(clientsAt(array, '/a/.snapshot/monday'), [
    ['0.0.0.0/0', 'ro', true],
    ['::/0', 'ro', true],
  ])
})

test('hosts are shown a snapshot that is renamed under its new name', () => {
  const { array, svm } = anArray()
  const { uuid } = aVolume(array, svm, 'a')
  createSnapshot(array, uuid, { name: 'monday' })
  array.effects.splice(0)
  renameSnapshot(array, uuid, 'monday', 'tuesday')
  assert.deepEqual(pathsOf(array), ['/a', '/a/.snapshot/tuesday'])
  assert.deepEqual(array.effects, [{ kind: 'exports' }])
})

test('the rules of the policy say who may mount, write, and be root', () => {
  const { array, svm } = anArray()
  createExportPolicy(array, svm.uuid, 'mixed', [
    { clients: ['10.0.0.5'], superuser: ['sys'] },
    { clients: ['10.0.0.6'], rw: ['never'], superuser: ['none'] },
    { clients: ['10.0.0.7'], ro: ['krb5'], rw: ['krb5'] },
    { clients: ['10.0.0.8'], protocols: ['cifs'] },
  ])
  aVolume(array, svm, 'a', { exportPolicy: 'mixed' })
  assert.deepEqual(clientsAt(array, '/a'), [
    ['10.0.0.5', 'rw', true],
    ['10.0.0.6', 'ro', false],
  ])
})

test('a qtree with a policy of its own has its own rules', () => {
  const { array, svm } = anArray()
  createExportPolicy(array, svm.uuid, 'own', [{ clients: ['10.0.0.5'], superuser: ['any'] }])
  const { uuid } = aVolume(array, svm, 'a')
  createQtree(array, uuid, { name: 'plain' })
  createQtree(array, uuid, { name: 'special', exportPolicy: 'own' })
  assert.deepEqual(pathsOf(array), ['/a', '/a/special'])
  assert.deepEqual(clientsAt(array, '/a/special'), [['10.0.0.5', 'rw', true]])
})

test('where nobody may enter the SVM’s root, nobody gets anywhere', () => {
  const { array, svm } = anArray()
  createExportPolicy(array, svm.uuid, 'own', [{ clients: ['0.0.0.0/0'] }])
  aVolume(array, svm, 'a', { exportPolicy: 'own' })
  assert.equal(clientsAt(array, '/a')?.length, 1)
  const policy = [...array.exportPolicies.values()].find(({ name }) => name === 'default')!
  for (const { index } of policy.rules) changeExportRule(array, policy.id, index, { ro: ['never'], rw: ['never'] })
  assert.deepEqual(clientsAt(array, '/a'), [])
})

test('of two SVMs’ junctions of one name the first SVM’s shows, and both addresses answer', () => {
  const { array, svm } = anArray()
  const { uuid } = aVolume(array, svm, 'a')
  const other = anSvm(array, 'svm2', '127.0.0.2')
  aVolume(array, other, 'a')
  aVolume(array, other, 'b')
  const { mounts, addresses, versions } = nfsView(array)
  assert.deepEqual(
    mounts.map(({ path, volume }) => [path, volume === uuid]),
    [
      ['/a', true],
      ['/b', false],
    ],
  )
  assert.deepEqual(addresses, ['127.0.0.1', '127.0.0.2'])
  assert.deepEqual(versions, ['3', '4.1'])
})

test('an SVM that does not serve NFS shows nothing and has no address', () => {
  const { array, svm } = anArray()
  aVolume(array, svm, 'a')
  array.svms.set(svm.uuid, { ...svm, nfs: { ...svm.nfs, enabled: false } })
  assert.deepEqual(nfsView(array), { mounts: [], exports: [], addresses: [], versions: [] })
})
