import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { hasCode } from '../../../src/errors.ts'
import type { Iscsiadm } from '../../../src/host/iscsi/iscsiadm.ts'
import { ensureRecord, withSettings } from '../../../src/host/iscsi/node-record.ts'
import { context, temporaryDirectory } from '../fakes.ts'
import { FakeMachine, RECORD, TARGET } from './machine.ts'

const NODE = { target: TARGET, portal: '10.0.0.7:3260', interface: 'default' }
const SETTINGS = { 'node.startup': 'manual', 'node.session.auth.password': 'p#([)=w' }

test('settings replace those of the record, each within it, and an empty one is left out', () => {
  const text = withSettings(`${RECORD}node.session.auth.password = old\n`, { ...SETTINGS, 'node.tpgt': '' })
  assert.equal(text.match(/^node\.startup = .*$/gm)?.join(), 'node.startup = manual')
  assert.ok(text.includes('\nnode.session.auth.password = p#([)=w\n# END RECORD\n'))
  assert.doesNotMatch(text, /tpgt|old/)
})

for (const path of [`${TARGET}/10.0.0.7,3260`, `${TARGET}/10.0.0.7,3260,1028/default`]) {
  test(`a record that is there is completed in one step, and stays private: ${path}`, async (t) => {
    const machine = new FakeMachine(await temporaryDirectory(t))
    const file = await machine.record(path)
    await change(machine)
    const text = await readFile(file, 'utf8')
    assert.ok(
      text.includes('node.session.auth.password = p#([)=w\n') && text.includes('node.conn[0].address = 10.0.0.7\n'),
    )
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(dirname(machine.places.nodeRecords[0]!)), ['nodes'])
  })
}

test('the record of another interface is another record', async (t) => {
  const machine = new FakeMachine(await temporaryDirectory(t))
  const file = await machine.record(`${TARGET}/10.0.0.7,3260`, RECORD.replace('ifacename = default', 'ifacename = san'))
  await assert.rejects(change(machine), /asked to create/)
  assert.doesNotMatch(await readFile(file, 'utf8'), /password/)
})

test('of two directories with a record the one written last is in use', async (t) => {
  const machine = new FakeMachine(await temporaryDirectory(t))
  const stale = await machine.record(`${TARGET}/10.0.0.7,3260`)
  await utimes(stale, 1, 1)
  const fresh = join(machine.places.nodeRecords[1]!, TARGET, '10.0.0.7,3260')
  await mkdir(dirname(fresh), { recursive: true })
  await writeFile(fresh, RECORD)
  await change(machine)
  assert.match(await readFile(fresh, 'utf8'), /password/)
  assert.doesNotMatch(await readFile(stale, 'utf8'), /password/)
})

test('a secret that open-iscsi cannot store is refused, without showing it', async (t) => {
  const machine = new FakeMachine(await temporaryDirectory(t))
  for (const value of [' leading', 'trailing ', 'line\nbreak', 'x'.repeat(256)]) {
    await assert.rejects(change(machine, { 'node.session.auth.password': value }), (error) => {
      return hasCode(error, 'STATE_UNWRITABLE') && !error.message.includes(value)
    })
  }
})

/** Completes a record; one that would have to be made is a failure. */
function change(machine: FakeMachine, settings: Readonly<Record<string, string>> = SETTINGS): Promise<void> {
  const create = () => Promise.reject(new Error('asked to create'))
  const iscsiadm = { create } as unknown as Iscsiadm
  return ensureRecord({ iscsiadm, places: machine.places }, context(), NODE, { settings, secrets: [] })
}
