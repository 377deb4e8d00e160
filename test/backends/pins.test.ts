import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Pins } from '../../src/backends/pins.ts'
import { temporaryDirectory } from '../host/fakes.ts'

async function pinsIn(t: TestContext): Promise<Pins> {
  return new Pins(join(await temporaryDirectory(t), 'certificates.json'))
}

test('the first certificate of an address is kept, and the next start finds it', async (t) => {
  const pins = await pinsIn(t)
  assert.equal((await pins.findOrAdd('10.0.0.5:443', 'AA')).added, true)
  const { pin, added } = await new Pins(pins.path).findOrAdd('10.0.0.5:443', 'BB')
  assert.deepEqual([pin.sha256, added], ['AA', false])
  assert.equal((await stat(pins.path)).mode & 0o777, 0o600)
})

test('of many first connections one pins, to several addresses as well', async (t) => {
  const pins = await pinsIn(t)
  const asked = ['AA', 'BB', 'CC'].flatMap((sha256) => ['a:443', 'b:443'].map((at) => pins.findOrAdd(at, sha256)))
  const answers = await Promise.all(asked)
  assert.equal(answers.filter(({ added }) => added).length, 2)
  assert.deepEqual([...new Set(answers.map(({ pin }) => pin.sha256))], ['AA'])
  const { certificates } = JSON.parse(await readFile(pins.path, 'utf8')) as { certificates: object }
  assert.deepEqual(Object.keys(certificates), ['a:443', 'b:443'])
})

test('a file that is damaged, or of a newer plugin, is not taken for none', async (t) => {
  const pins = await pinsIn(t)
  for (const text of [
    '{',
    'null',
    '[]',
    '{"version":2,"certificates":{}}',
    '{"version":1}',
    '{"version":1,"certificates":{"a:443":{"sha256":5,"since":""}}}',
    '{"version":1,"certificates":{"a:443":"AA"}}',
  ]) {
    await writeFile(pins.path, text)
    await assert.rejects(pins.findOrAdd('a:443', 'AA'), { code: 'STATE_UNREADABLE' }, text)
    assert.equal(await readFile(pins.path, 'utf8'), text)
  }
})

test('where the state directory cannot be written nothing is trusted', async () => {
  const pins = new Pins('/proc/certificates.json')
  await assert.rejects(pins.findOrAdd('a:443', 'AA'), { code: 'STATE_UNWRITABLE' })
})

test('who may only read pins nothing on disk, and still compares what it has seen', async (t) => {
  const pins = await pinsIn(t)
  const reader = new Pins(pins.path, { readOnly: true })
  assert.equal((await reader.findOrAdd('a:443', 'AA')).added, true)
  assert.deepEqual([(await reader.findOrAdd('a:443', 'BB')).pin.sha256], ['AA'])
  await assert.rejects(stat(pins.path), { code: 'ENOENT' })
  await pins.findOrAdd('b:443', 'CC')
  assert.equal((await reader.findOrAdd('b:443', 'DD')).pin.sha256, 'CC')
})
