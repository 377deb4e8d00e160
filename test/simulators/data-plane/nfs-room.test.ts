import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mountpointsIn } from '../../../src/simulators/data-plane/nfs-room.ts'

test('mount points are read from the kernel’s table, blanks in their names too', () => {
  const table = [
    '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
    '96 22 7:0 / /srv/my\\040data/volumes/a rw,relatime - xfs /dev/loop0 rw,nouuid',
    '',
  ].join('\n')
  assert.deepEqual(mountpointsIn(table), ['/', '/srv/my data/volumes/a'])
})
