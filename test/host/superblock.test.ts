import assert from 'node:assert/strict'
import { open, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { run } from '../../src/host/command.ts'
import { parseSuperblock, SUPERBLOCK_REACH } from '../../src/host/superblock.ts'
import { MIB } from '../../src/units.ts'
import { context, temporaryDirectory } from './fakes.ts'

const UUID = '0f1e2d3c-4b5a-4697-8877-665544332211'

for (const { type, args, size } of [
  { type: 'ext2', args: ['mkfs.ext2', '-q', '-U', UUID], size: 8 * MIB },
  { type: 'ext3', args: ['mkfs.ext3', '-q', '-U', UUID], size: 64 * MIB },
  { type: 'ext4', args: ['mkfs.ext4', '-q', '-U', UUID], size: 64 * MIB },
  { type: 'ext4', args: ['mkfs.ext4', '-q', '-b', '4096', '-O', '^64bit', '-U', UUID], size: 64 * MIB },
  { type: 'xfs', args: ['mkfs.xfs', '-q', '-m', `uuid=${UUID}`], size: 320 * MIB },
]) {
  test(`what ${args.join(' ')} makes is told as ${type}, with its UUID and size`, async (t) => {
    const head = await headOfMade(t, args, size)
    assert.deepEqual(parseSuperblock(head), { type, uuid: UUID, size, complete: true })
  })
}

test('an xfs that mkfs has begun and not finished is not complete', async (t) => {
  const head = await headOfMade(t, ['mkfs.xfs', '-q'], 320 * MIB)
  head[126] = 1
  assert.equal(parseSuperblock(head)!.complete, false)
})

test('an ext4 beyond 2^32 blocks has its whole size', async (t) => {
  const head = await headOfMade(t, ['mkfs.ext4', '-q', '-O', '64bit'], 64 * MIB)
  head.writeUInt32LE(3, 1024 + 0x150)
  assert.equal(parseSuperblock(head)!.size, 64 * MIB + 3 * 2 ** 32 * 1024)
})

test('an external journal of ext4 is no filesystem', async (t) => {
  const head = await headOfMade(t, ['mke2fs', '-q', '-O', 'journal_dev'], 8 * MIB)
  assert.equal(parseSuperblock(head), undefined)
})

test('zeros, a short piece and a magic number alone are no superblock', () => {
  assert.equal(parseSuperblock(Buffer.alloc(SUPERBLOCK_REACH)), undefined)
  assert.equal(parseSuperblock(Buffer.from('XFSB')), undefined)
  const xfs = Buffer.alloc(SUPERBLOCK_REACH)
  xfs.write('XFSB')
  assert.equal(parseSuperblock(xfs), undefined)
  const ext = Buffer.alloc(SUPERBLOCK_REACH)
  ext.writeUInt16LE(0xef53, 1024 + 0x38)
  assert.equal(parseSuperblock(ext), undefined)
})

test('whatever the bytes, a superblock makes sense or is none', () => {
  const magic = fc.constantFrom('xfs', 'ext', 'none')
  fc.assert(
    fc.property(magic, fc.uint8Array({ minLength: SUPERBLOCK_REACH, maxLength: SUPERBLOCK_REACH }), (kind, bytes) => {
      const head = Buffer.from(bytes)
      if (kind === 'xfs') head.write('XFSB')
      if (kind === 'ext') head.writeUInt16LE(0xef53, 1024 + 0x38)
      const superblock = parseSuperblock(head)
      if (!superblock) return
      assert.match(superblock.uuid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      assert.ok(Number.isSafeInteger(superblock.size) && superblock.size > 0)
    }),
  )
})

test('a view into a larger buffer is read where it begins', async (t) => {
  const head = await headOfMade(t, ['mkfs.ext4', '-q', '-U', UUID], 64 * MIB)
  const larger = Buffer.concat([Buffer.alloc(512, 0xff), head])
  assert.equal(parseSuperblock(larger.subarray(512))!.uuid, UUID)
})

/** Makes a filesystem in a file, which needs no root. */
async function headOfMade(t: TestContext, [program, ...args]: string[], size: number): Promise<Buffer> {
  const file = join(await temporaryDirectory(t), 'image')
  await writeFile(file, '')
  await truncate(file, size)
  await run(context(), program!, [...args, file])
  await using handle = await open(file)
  const head = Buffer.alloc(SUPERBLOCK_REACH)
  await handle.read(head, 0, head.length, 0)
  return head
}
