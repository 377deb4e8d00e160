import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FaultSchedule, parseFault } from '../../src/simulators/fault-schedule.ts'

const OWN = { known: (name: string) => /^(?:x[A-Z]|\d{4,}$)/.test(name), example: 'xSomething' }

test('a fault happens to its call as often as was said', () => {
  const faults = new FaultSchedule(OWN)
  faults.add('xSliceNotRegistered:CloneVolume:2')
  const taken = ['CloneVolume', 'CreateVolume', 'CloneVolume', 'CloneVolume'].map((name) => faults.take(name))
  assert.deepEqual(taken, ['xSliceNotRegistered', undefined, 'xSliceNotRegistered', undefined])
})

test('a fault without a count happens until it is cleared, and a star means every call', () => {
  const faults = new FaultSchedule(OWN)
  faults.add('503:*')
  assert.deepEqual([faults.take('A'), faults.take('B'), faults.take('A')], ['503', '503', '503'])
  faults.clear()
  assert.equal(faults.take('A'), undefined)
})

test('faults are taken in the order they were asked for', () => {
  const faults = new FaultSchedule(OWN)
  for (const text of ['reset:A:1', 'xNotPrimary:A:1']) faults.add(text)
  assert.deepEqual([faults.take('A'), faults.take('A'), faults.take('A')], ['reset', 'xNotPrimary', undefined])
})

test('calls of a REST API are named by verb and path, those of ONTAPI by their names', () => {
  const faults = new FaultSchedule(OWN)
  for (const text of ['917526:POST /storage/volumes:1', '503:PATCH /storage/volumes/{uuid}', '13001:volume-create:1']) {
    faults.add(text)
  }
  assert.equal(faults.take('GET /storage/volumes'), undefined)
  const operations = ['POST /storage/volumes', 'PATCH /storage/volumes/{uuid}', 'volume-create']
  assert.deepEqual(
    operations.map((name) => faults.take(name)),
    ['917526', '503', '13001'],
  )
})

test('what is no fault is refused with what one looks like', () => {
  for (const text of [
    '',
    'reset',
    'reset:',
    'sleepy:A',
    '200:A',
    'xSomething:A:0',
    'reset:A:1:2',
    'reset:A B',
    'reset:get /x',
    'reset:GET x',
  ]) {
    assert.throws(() => parseFault(text, OWN), /is no fault\. Write NAME:METHOD or NAME:METHOD:COUNT.*truncated/, text)
  }
})
