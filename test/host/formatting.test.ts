import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasCode, reasonOf } from '../../src/errors.ts'
import type { Signature } from '../../src/host/filesystem.ts'
import { describe, type Evidence, judge } from '../../src/host/formatting.ts'
import { FILESYSTEMS, type Format } from '../../src/publication.ts'
import { GIB } from '../../src/units.ts'

const DEVICE = { path: '/dev/loop7', number: '7:7', label: '/dev/loop7 (/srv/db1)' }
const UUID = '0f1e2d3c-4b5a-4697-8877-665544332211'
const HOST = 'h1'
const NEW: Format = { state: 'new' }
const BEGUN: Format = { state: 'formatting', uuid: UUID, host: HOST }
const OURS: Signature = { type: 'ext4', uuid: UUID, ambivalent: false }

test('a new volume is formatted when blkid knows nothing there and it reads as zeros', () => {
  assert.equal(decide(NEW, { signature: undefined, zeros: true }), 'blank')
})

test('a new volume that holds data of no known kind is not formatted', () => {
  refuses(
    NEW,
    { signature: undefined, zeros: false },
    'DEVICE_NOT_BLANK',
    /it holds data, though nothing that blkid knows/,
  )
})

test('a new volume that carries anything blkid knows is not formatted, and the message says what', () => {
  const found = [
    [{ ...OURS }, /ext4 with UUID 0f1e2d3c/],
    [{ type: 'swap', ambivalent: false }, /it carries swap\./],
    [{ partitionTable: 'gpt', ambivalent: false }, /a gpt partition table/],
    [{ ambivalent: true }, /signatures of several kinds/],
    [{ ambivalent: false }, /it carries data/],
  ] as const
  for (const [signature, words] of found) {
    for (const zeros of [true, false]) refuses(NEW, { signature, zeros }, 'DEVICE_NOT_BLANK', words)
  }
})

test('formatting that was interrupted before it wrote begins anew', () => {
  assert.equal(decide(BEGUN, { signature: undefined, zeros: true }), 'blank')
})

test('formatting that was interrupted half-way, by this host, is taken up again', () => {
  assert.equal(decide(BEGUN, { signature: undefined, zeros: false }), 'begun')
})

test('formatting that was interrupted after the superblock is known by its UUID, in any case', () => {
  assert.equal(decide(BEGUN, { signature: OURS, zeros: false }), 'ours')
  assert.equal(decide({ ...BEGUN, uuid: UUID.toUpperCase() }, { signature: OURS, zeros: false }), 'ours')
})

test('formatting is not taken up over a filesystem of another UUID or type, or one with something beside it', () => {
  const others: Signature[] = [
    { ...OURS, uuid: UUID.replace('0', '1') },
    { ...OURS, type: 'xfs' },
    { type: 'ext4', ambivalent: false },
    { ...OURS, partitionTable: 'dos' },
    { ambivalent: true },
  ]
  for (const signature of others) refuses(BEGUN, { signature, zeros: false }, 'DEVICE_NOT_BLANK', /Did not format/)
})

test('formatting that another host began is left to it, whatever the device carries', () => {
  const elsewhere: Format = { ...BEGUN, host: 'h2' }
  for (const signature of [undefined, OURS]) {
    for (const zeros of [true, false]) {
      refuses(elsewhere, { signature, zeros }, 'DEVICE_IN_USE', /on host "h1": host "h2" began to format it/)
    }
  }
})

test('a volume that was formatted is never formatted again', () => {
  refuses({ state: 'ready', uuid: UUID }, { signature: undefined, zeros: true }, 'DEFECT', /formatted before/)
})

test('whatever is found, data that is not ours is never written over', () => {
  const uuid = fc.constantFrom(UUID, UUID.replace('0', '1'))
  const signature = fc.record(
    {
      type: fc.constantFrom(...FILESYSTEMS, 'LVM2_member', 'crypto_LUKS'),
      uuid,
      partitionTable: fc.constantFrom('dos', 'gpt'),
      ambivalent: fc.boolean(),
    },
    { requiredKeys: ['ambivalent'], noNullPrototype: true },
  )
  const format = fc.oneof(
    fc.constant(NEW),
    fc.record({ state: fc.constant('formatting' as const), uuid, host: fc.constantFrom(HOST, 'h2') }),
    fc.record({ state: fc.constant('ready' as const), uuid }),
  )
  const evidence = fc.record({ signature: fc.option(signature, { nil: undefined }), zeros: fc.boolean() })
  fc.assert(
    fc.property(format, evidence, fc.constantFrom(...FILESYSTEMS), (format, evidence, filesystem) => {
      let allowed: string
      try {
        allowed = judge(evidence, { device: DEVICE, size: GIB, filesystem, format, host: HOST })
      } catch (error) {
        assert.ok(hasCode(error, 'DEVICE_NOT_BLANK', 'DEVICE_IN_USE', 'DEFECT'))
        return
      }
      const begunHere = format.state === 'formatting' && format.host === HOST
      assert.ok(format.state === 'new' || begunHere)
      if (!begunHere) assert.ok(evidence.signature === undefined && evidence.zeros)
      if (evidence.signature) {
        assert.ok(format.state === 'formatting')
        assert.deepEqual(evidence.signature, { type: filesystem, uuid: format.uuid, ambivalent: false })
      }
      assert.equal(allowed === 'ours', evidence.signature !== undefined)
    }),
    { numRuns: 2000 },
  )
})

test('a device that carries both a filesystem and a partition table is described by both', () => {
  assert.equal(describe({ type: 'vfat', partitionTable: 'dos', ambivalent: false }), 'vfat and a dos partition table')
})

function decide(format: Format, evidence: Evidence): string {
  return judge(evidence, { device: DEVICE, size: GIB, filesystem: 'ext4', format, host: HOST })
}

function refuses(format: Format, evidence: Evidence, code: Parameters<typeof hasCode>[1], words: RegExp): void {
  assert.throws(
    () => decide(format, evidence),
    (error) => {
      assert.ok(hasCode(error, code!))
      assert.match(reasonOf(error), words)
      assert.match(reasonOf(error), /\/dev\/loop7 \(\/srv\/db1\)/)
      return true
    },
  )
}
