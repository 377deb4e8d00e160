import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { hasCode } from '../../src/errors.ts'
import { type BlockDevice, looksBlank, readHead, sizeOf } from '../../src/host/block-device.ts'
import { type Bytes, MIB } from '../../src/units.ts'
import { temporaryDirectory } from './fakes.ts'

const SIZE = (160 * MIB) as Bytes

test('a device of zeros looks blank', async (t) => {
  assert.equal(await looksBlank(await standIn(t, SIZE), SIZE), true)
})

for (const [place, position] of [
  ['first byte', 0],
  ['last byte of the first 8 MiB', 8 * MIB - 1],
  ['first byte of the last MiB', SIZE - MIB],
  ['last byte', SIZE - 1],
  ['copy of the superblock that ext with blocks of 1 KiB keeps', 8193 * 1024 + 56],
  ['copy of the superblock that ext with blocks of 2 KiB keeps', 16384 * 2048 + 56],
  ['copy of the superblock that ext with blocks of 4 KiB keeps', 32768 * 4096 + 56],
] as const) {
  test(`a single bit in the ${place} is enough for a device not to look blank`, async (t) => {
    assert.equal(await looksBlank(await standIn(t, SIZE, position), SIZE), false)
  })
}

for (const part of [7, 16, 32, 63]) {
  test(`data at the beginning of 64th ${part} is enough for a device not to look blank`, async (t) => {
    assert.equal(await looksBlank(await standIn(t, SIZE, (SIZE / 64) * part), SIZE), false)
  })
}

test('a device whose size is not a multiple of 64 is looked at to its end', async (t) => {
  const size = (SIZE + 4096 + 512) as Bytes
  assert.equal(await looksBlank(await standIn(t, size), size), true)
  assert.equal(await looksBlank(await standIn(t, size, size - 1), size), false)
})

test('the rest is not looked at', async (t) => {
  assert.equal(await looksBlank(await standIn(t, SIZE, 9 * MIB), SIZE), true)
})

test('a device smaller than a MiB is looked at as a whole', async (t) => {
  const size = 4096 as Bytes
  assert.equal(await looksBlank(await standIn(t, size), size), true)
  assert.equal(await looksBlank(await standIn(t, size, 2048), size), false)
})

test('a device that ends early is an error, neither blank nor not', async (t) => {
  const device = await standIn(t, SIZE)
  await assert.rejects(looksBlank(device, (SIZE + MIB) as Bytes), (error) => {
    return (
      hasCode(error, 'DEVICE_UNREADABLE') && /Cannot read stand-in: it ends after 167772160 bytes\./.test(error.message)
    )
  })
})

test('a device that is not there is an error that names it', async () => {
  const device = { path: '/nowhere', number: '999:999', label: '/nowhere (db1)' }
  for (const attempt of [() => readHead(device, 1), () => looksBlank(device, SIZE), () => sizeOf(device)]) {
    await assert.rejects(
      attempt,
      (error) => hasCode(error, 'DEVICE_MISSING') && /\/nowhere \(db1\)/.test(error.message),
    )
  }
})

/** A sparse file; reading is the same for it and for a device. */
async function standIn(t: TestContext, size: number, set?: number): Promise<BlockDevice> {
  const path = join(await temporaryDirectory(t), 'device')
  const data = Buffer.alloc(set === undefined ? 0 : set + 1)
  if (set !== undefined) data[set] = 1
  await writeFile(path, data)
  await truncate(path, size)
  return { path, number: '999:999', label: 'stand-in' }
}
