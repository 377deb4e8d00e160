import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addSvm, prepareCluster } from '../../../src/simulators/ontap/preload.ts'
import { parseRelease } from '../../../src/simulators/ontap/releases.ts'
import type { Volume } from '../../../src/simulators/ontap/state/volume.ts'
import { newArray } from '../../../src/simulators/ontap/state.ts'
import { EMPTY_BYTES, VolumeTable } from '../../../src/simulators/ontap/volume-table.ts'

function someVolume(): Volume {
  const durations = { job: 0, split: 0, quota: 0 }
  const array = newArray({ release: parseRelease('9.15.1'), durations, lif: { scope: 'svm', svm: 'svm1' } })
  prepareCluster(array)
  addSvm(array, { name: 'svm1', dataLifs: [], managementLif: '127.0.0.1', nfsVersions: ['3'] })
  return array.volumes.all()[0]!
}

const model = someVolume()
const step = fc.record({
  uuid: fc.constantFrom('1', '2', '3', '4', '5'),
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  mounted: fc.boolean(),
  guarantee: fc.constantFrom('none' as const, 'volume' as const),
  removed: fc.boolean(),
})

test('whatever is put, renamed and removed, every way of finding volumes agrees', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new VolumeTable()
      const known = new Map<string, Volume>()
      for (const { uuid, name, mounted, guarantee, removed } of steps) {
        if ([...known.values()].some((other) => other.name === name && other.uuid !== uuid)) continue
        const { junction: _, ...rest } = model
        const volume: Volume = { ...rest, uuid, name, guarantee, size: 1e6, ...(mounted && { junction: `/${name}` }) }
        if (removed) {
          table.remove(uuid)
          known.delete(uuid)
        } else {
          table.put(volume)
          known.set(uuid, volume)
        }
      }
      const inOrder = [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
      assert.deepEqual(table.all(), inOrder)
      for (const name of 'abcdef') {
        const volume = inOrder.find((volume) => volume.name === name)
        assert.equal(table.named(model.svm, name), volume)
        assert.equal(table.mountedAt(model.svm, `/${name}`), volume?.junction === undefined ? undefined : volume)
      }
      const room = inOrder.reduce((sum, { guarantee }) => sum + (guarantee === 'volume' ? 1e6 : EMPTY_BYTES), 0)
      assert.equal(table.reservedOf('aggr1'), room)
    }),
  )
})
