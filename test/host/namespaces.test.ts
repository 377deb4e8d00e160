import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMounts } from '../../src/host/mountinfo.ts'
import { isEcho, isHeldElsewhere, isOfSame } from '../../src/host/namespaces.ts'

const HERE = parseMounts(
  ['20 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw', '30 20 7:0 / /volumes/db1 rw shared:9 - ext4 /dev/loop0 rw'].join(
    '\n',
  ),
)

test("a service's copy that follows the host's mounts is an echo", () => {
  assert.equal(echoes('120 1 8:1 / / rw shared:5 master:1 - ext4 /dev/sda1 rw'), true)
  assert.equal(echoes('120 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw'), true)
})

test('a copy in a namespace that went its own way is held', () => {
  assert.equal(echoes('120 1 8:1 / / rw - ext4 /dev/sda1 rw'), false)
  assert.equal(echoes('120 1 8:1 / / rw master:11 - ext4 /dev/sda1 rw'), false)
})

test("a container's bind mount is held, even one that follows the volume's own mounts", () => {
  const there = parseMounts(
    ['120 1 0:50 / / rw - overlay overlay rw', '130 120 7:0 / /data rw master:9 - ext4 /dev/loop0 rw'].join('\n'),
  )
  assert.equal(isEcho(there[1]!, there, HERE[1]!, HERE), false)
})

test('where the host shares nothing, every copy is held', () => {
  const here = parseMounts(
    ['20 1 8:1 / / rw - ext4 /dev/sda1 rw', '30 20 7:0 / /volumes/db1 rw - ext4 /dev/loop0 rw'].join('\n'),
  )
  assert.equal(isEcho(here[1]!, here, here[1]!, here), false)
})

test('what is not mounted here is not held elsewhere', async () => {
  assert.equal(await isHeldElsewhere('/nowhere/at/all'), false)
})

/** Two qtrees of one volume, as the kernel shows them: one device, one root. */
const QTREES = parseMounts(
  [
    '20 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw',
    '30 20 0:37 / /volumes/q1 rw shared:9 - nfs4 192.0.2.5:/pool/q1 rw,addr=192.0.2.5',
    '31 20 0:37 / /volumes/q2 rw shared:10 - nfs4 192.0.2.5:/pool/q2 rw,addr=192.0.2.5',
    '32 20 0:37 / /volumes/q10 rw shared:11 - nfs4 192.0.2.5:/pool/q10 rw,addr=192.0.2.5',
    '33 20 0:37 / /elsewhere rw shared:9 - nfs4 192.0.2.5:/pool/q1/within rw,addr=192.0.2.5',
    '34 20 0:38 / /volumes/other rw shared:12 - nfs4 192.0.2.5:/pool/q1 rw,addr=192.0.2.5',
  ].join('\n'),
)

test('of a file server, volumes are told apart by their source: qtrees share the rest', () => {
  const q1 = QTREES[1]!
  assert.deepEqual(
    QTREES.map((other) => isOfSame(other, q1)),
    [false, true, false, false, true, false],
  )
  const [top] = parseMounts('30 20 0:37 / /volumes/top rw - nfs4 192.0.2.5:/ rw')
  assert.equal(isOfSame(q1, top!), true)
})

test('a block device is one volume, whatever directory of it is mounted', () => {
  const [whole, part] = parseMounts(
    ['30 20 7:0 / /volumes/db1 rw - ext4 /dev/loop0 rw', '31 20 7:0 /part /x rw - ext4 /dev/loop0 rw'].join('\n'),
  )
  assert.equal(isOfSame(part!, whole!), true)
})

/** Whether a copy of the volume's mount counts as an echo on this root. */
function echoes(root: string): boolean {
  const there = parseMounts(`${root}\n130 120 7:0 / /volumes/db1 rw master:9 - ext4 /dev/loop0 rw`)
  return isEcho(there[1]!, there, HERE[1]!, HERE)
}
