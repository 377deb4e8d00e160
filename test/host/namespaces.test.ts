import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMounts } from '../../src/host/mountinfo.ts'
import { isEcho, isHeldElsewhere } from '../../src/host/namespaces.ts'

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

/** Whether a copy of the volume's mount counts as an echo on this root. */
function echoes(root: string): boolean {
  const there = parseMounts(`${root}\n130 120 7:0 / /volumes/db1 rw master:9 - ext4 /dev/loop0 rw`)
  return isEcho(there[1]!, there, HERE[1]!, HERE)
}
