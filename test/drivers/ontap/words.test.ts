import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { OntapVolume } from '../../../src/backends/ontap/ontap.ts'
import type { IntentId } from '../../../src/drivers/driver.ts'
import { commentOf, isForeign, marksIn, withoutIntent } from '../../../src/drivers/ontap/marks.ts'
import { parseMode, printMode } from '../../../src/drivers/ontap/modes.ts'
import { FLEXVOL_NAMES } from '../../../src/drivers/ontap/names.ts'
import { isWithin } from '../../../src/drivers/ontap/networks.ts'
import { type Pool, poolsFor } from '../../../src/drivers/ontap/pools.ts'
import { withoutReserve, withReserve } from '../../../src/drivers/ontap/sizes.ts'
import { LEAST_CONSTITUENT, spread } from '../../../src/drivers/ontap/spread.ts'
import { arrayNameOf, arrayPrefixOf, parseVolumeName, volumeNameOf } from '../../../src/names.ts'
import type { Bytes } from '../../../src/units.ts'

suite('names on ONTAP', () => {
  const nameOf = (text: string, prefix = 'netappdvp_') => arrayNameOf(parseVolumeName(text), prefix, FLEXVOL_NAMES)

  test('are those nDVP gave, where the array can say them', () => {
    assert.equal(nameOf('web_db'), 'netappdvp_web_db')
  })

  test('have `_` and a hash for what it cannot say, so that no two are the same', () => {
    const names = ['web-db', 'web.db', 'web_db'].map((name) => nameOf(name))
    assert.equal(new Set(names).size, 3)
    assert.match(names[0]!, /^netappdvp_web_db_[0-9a-f]{8}$/)
  })

  test('never begin with a digit', () => {
    assert.match(nameOf('9lives', ''), /^_9lives_[0-9a-f]{8}$/)
  })

  test('may be of the longest Docker name', () => {
    assert.equal(nameOf('x'.repeat(255)).length, 203)
    assert.equal(nameOf('x'.repeat(193)).length, 203)
    assert.match(nameOf('x'.repeat(204)), /_[0-9a-f]{8}$/)
  })

  test('a prefix that the array cannot say does not cost each name a hash', () => {
    assert.equal(nameOf('db1', 'team-a.'), 'team_a_db1')
    assert.equal(volumeNameOf(nameOf('db1', 'team-a.'), arrayPrefixOf('team-a.', FLEXVOL_NAMES)), 'db1')
  })
})

suite('what is kept in a comment', () => {
  const marks = {
    name: 'web-db',
    prefix: 'netappdvp_',
    intent: randomUUID() as IntentId,
    from: 'netappdvp_x',
    asOfNow: true,
  }

  test('is read back', () => {
    assert.deepEqual(marksIn(commentOf(marks, { tier: 'gold' })), marks)
  })

  test('fits into what the array takes, whatever the names', () => {
    const name = 'x'.repeat(255)
    const comment = commentOf({ ...marks, name, from: 'y'.repeat(203) }, { tier: 'z'.repeat(800) })
    assert.ok(comment.length <= 1023, String(comment.length))
    assert.equal(marksIn(comment)?.name, name)
  })

  test('loses its intent, and nothing else', () => {
    const comment = withoutIntent(commentOf(marks, { tier: 'gold' }))!
    assert.equal(marksIn(comment)?.intent, undefined)
    assert.match(comment, /"provisioning":\{"tier":"gold"\}/)
    assert.equal(withoutIntent(comment), undefined)
    assert.equal(withoutIntent('payroll'), undefined)
  })

  test('is nothing in any other text', () => {
    fc.assert(fc.property(fc.string(), (text) => marksIn(text) === undefined))
    for (const text of ['{', '{"netappdvp":7}', '[]', 'null', '{"netappdvp":{"name":1}}']) {
      assert.equal(marksIn(text), undefined)
    }
  })

  test('a volume of nDVP’s shape, of Trident’s labels or of our mark is not a stranger’s', () => {
    const volume = (change: Partial<OntapVolume>) =>
      isForeign(
        { name: 'netappdvp_v1', comment: '', junctionPath: '/netappdvp_v1', ...change } as OntapVolume,
        'netappdvp_',
      )
    assert.equal(volume({}), false)
    assert.equal(volume({ comment: '{"provisioning":{"tier":"gold"}}' }), false)
    assert.equal(volume({ comment: commentOf(marks) }), false)
    assert.equal(volume({ comment: 'payroll' }), true)
    assert.equal(volume({ junctionPath: '/data' }), true)
    assert.equal(volume({ name: 'other', junctionPath: '/other' }), true)
  })

  test('without a prefix only our own mark counts: Trident’s volumes for Kubernetes look like those for Docker', () => {
    const volume = (comment: string) =>
      isForeign({ name: 'trident_pvc_77', comment, junctionPath: '/trident_pvc_77' } as OntapVolume, '')
    assert.equal(volume('{"provisioning":{"tier":"gold"}}'), true)
    assert.equal(volume(''), true)
    assert.equal(volume(commentOf(marks)), false)
  })
})

suite('permissions', () => {
  test('are taken in both notations', () => {
    for (const text of ['---rwxr-xr-x', 'rwxr-xr-x', '0755', '755']) assert.equal(parseMode(text), 0o755)
  })

  test('are printed as they are parsed', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0o777 }), (mode) => parseMode(printMode(mode)) === mode))
  })

  test('of any other form are refused in words', () => {
    for (const text of ['999', 'rwx', '4755', '', '07777', 'rwxrwxrwxrwx', '---rwxr-xr-s', '0o755', ' 755']) {
      assert.equal(typeof parseMode(text), 'string', text)
    }
  })
})

test('a size with its reserve leaves what was asked for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20 * 2 ** 20, max: 2 ** 45 }), fc.integer({ min: 0, max: 90 }), (size, reserve) => {
      const asked = (size - (size % 4096)) as Bytes
      return withoutReserve(withReserve(asked, reserve), reserve) === asked
    }),
  )
})

test('a network holds its addresses and no others', () => {
  assert.equal(isWithin('10.1.2.3', '10.0.0.0/8'), true)
  assert.equal(isWithin('11.1.2.3', '10.0.0.0/8'), false)
  assert.equal(isWithin('2001:db8::1', '::/0'), true)
  assert.equal(isWithin('10.1.2.3', '::/0'), false)
})

suite('a selector', () => {
  const pool = (labels: Pool['labels']): Pool => ({ labels, aggregates: [], defaults: {} })
  const gold = pool({ tier: 'gold', zone: 'a' })
  const silver = pool({ tier: 'silver', zone: 'b' })

  test('chooses pools by their labels', () => {
    assert.deepEqual(poolsFor([gold, silver], 'tier=gold'), [gold])
    assert.deepEqual(poolsFor([gold, silver], 'tier!=gold'), [silver])
    assert.deepEqual(poolsFor([gold, silver], ' tier = silver ; zone=b'), [silver])
    assert.deepEqual(poolsFor([gold, silver], undefined), [gold, silver])
  })

  test('that means none is an error that lists what there is', () => {
    assert.throws(() => poolsFor([gold, silver], 'tier=gold,zone=b'), /tier=gold,zone=a \| tier=silver,zone=b/)
    assert.throws(() => poolsFor([gold, silver], 'teir=gold'), /Did you mean "tier"\?/)
    assert.throws(() => poolsFor([pool({})], 'tier=gold'), /no pools with labels/)
    assert.throws(() => poolsFor([gold], 'gold'), /it takes labels such as/)
  })
})

test('a FlexGroup has no part below the least, and no more than four on an aggregate', () => {
  const aggregates = ['a', 'b', 'c']
  fc.assert(
    fc.property(fc.integer({ min: LEAST_CONSTITUENT, max: 2 ** 45 }), (size) => {
      const { aggregates: chosen, constituentsPerAggregate = 0 } = spread(aggregates, size as Bytes)
      const parts = chosen.length * constituentsPerAggregate
      return parts >= 1 && parts <= 12 && size / parts >= LEAST_CONSTITUENT
    }),
  )
})
