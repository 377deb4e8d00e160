import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FaultSchedule, parseFault } from '../../src/simulators/fault-schedule.ts'

test('a fault happens to its call as often as was said', () => {
  const faults = new FaultSchedule()
  faults.add('xSliceNotRegistered:CloneVolume:2')
  const taken = ['CloneVolume', 'CreateVolume', 'CloneVolume', 'CloneVolume'].map((name) => faults.take(name))
  assert.deepEqual(taken, ['xSliceNotRegistered', undefined, 'xSliceNotRegistered', undefined])
})

test('a fault without a count happens until it is cleared, and a star means every call', () => {
  const faults = new FaultSchedule()
  faults.add('503:*')
  assert.deepEqual([faults.take('A'), faults.take('B'), faults.take('A')], ['503', '503', '503'])
  faults.clear()
  assert.equal(faults.take('A'), undefined)
})

test('faults are taken in the order they were asked for', () => {
  const faults = new FaultSchedule()
  for (const text of ['reset:A:1', 'xNotPrimary:A:1']) faults.add(text)
  assert.deepEqual([faults.take('A'), faults.take('A'), faults.take('A')], ['reset', 'xNotPrimary', undefined])
})

test('what is no fault is refused with what one looks like', () => {
  for (const text of ['', 'reset', 'reset:', 'sleepy:A', '200:A', 'xSomething:A:0', 'reset:A:1:2', 'reset:A B']) {
    assert.throws(() => parseFault(text), /is no fault\. Write NAME:METHOD or NAME:METHOD:COUNT.*truncated/, text)
  }
})
