/** What is left on an array, and what is answered, when making a volume goes wrong. */

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Ontap, OntapVolume } from '../../../src/backends/ontap/ontap.ts'
import type { IntentId } from '../../../src/drivers/driver.ts'
import { Maker } from '../../../src/drivers/ontap/making.ts'
import { commentOf } from '../../../src/drivers/ontap/marks.ts'
import { BackendError } from '../../../src/errors.ts'
import type { ArrayName } from '../../../src/names.ts'
import { ctx } from './svm.ts'

const attempt = { name: 'netappdvp_db' as ArrayName, intent: 'our-attempt' as IntentId }
const places = [{ aggregates: ['aggr1'] }, { aggregates: ['aggr2'] }]

function volumeOf(uuid: string, by: string, state = 'online'): OntapVolume {
  const comment = commentOf({ name: 'db', prefix: 'netappdvp_', intent: by as IntentId })
  const volume: Partial<OntapVolume> = { name: attempt.name, uuid, state, comment, snapshotCount: 0 }
  return volume as OntapVolume
}

const never = async () => assert.fail('nothing is to be done after a removal')

/** Deletes from `array` what it is told to. */
function deletingFrom(array: Map<string, OntapVolume>): Ontap {
  const volumes = { remove: async (_: unknown, { uuid }: OntapVolume) => void array.delete(uuid) }
  return { volumes } as unknown as Ontap
}

suite('making a volume', () => {
  test('leaves nothing of it where there was no room, not even in the last place', async () => {
    const array = new Map<string, OntapVolume>()
    const find = async () => [...array.values()][0]
    const maker = new Maker(deletingFrom(array), find, async () => {})
    const tried: string[] = []
    const make = async (aggregate: string): Promise<never> => {
      assert.deepEqual([...array.keys()], [], 'of the place before')
      tried.push(aggregate)
      array.set(aggregate, volumeOf(aggregate, attempt.intent))
      throw new BackendError('FULL', 'No room.')
    }
    await assert.rejects(
      maker.make(ctx, attempt, places, ({ aggregates: [aggregate = ''] }) => make(aggregate)),
      { code: 'FULL' },
    )
    assert.deepEqual(tried, ['aggr1', 'aggr2'])
    assert.deepEqual([...array.keys()], [])
  })

  test('leaves the volume that another host has made of that name meanwhile', async () => {
    const array = new Map([['theirs', volumeOf('theirs', 'their-attempt')]])
    const maker = new Maker(deletingFrom(array), async () => array.get('theirs'), never)
    const full = async () => Promise.reject(new BackendError('FULL', 'No room.'))
    await assert.rejects(maker.make(ctx, attempt, places, full), { code: 'FULL' })
    assert.deepEqual([...array.keys()], ['theirs'])
  })

  test('answers after a lost answer with the volume of its own mark, once it is online, and with no other', async () => {
    const seen = [
      volumeOf('theirs', 'their-attempt'),
      volumeOf('ours', attempt.intent, 'offline'),
      volumeOf('ours', attempt.intent),
    ]
    let looks = 0
    const find = async () => seen[Math.min(looks++, seen.length - 1)]
    const maker = new Maker(deletingFrom(new Map()), find, never)
    const lost = async () => Promise.reject(new BackendError('UNREACHABLE', 'No answer.'))
    const made = await maker.make(ctx, attempt, places, lost)
    assert.deepEqual([made.uuid, made.state, looks], ['ours', 'online', 3])
  })
})
