import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JOB_MS, type Wire, wire } from '../wire.ts'

const DEFAULT_RULE = { volume: 'a', qtree: '', 'quota-target': '', 'quota-type': 'tree', 'disk-limit': '-' }
const RULE = { volume: 'a', qtree: '', 'quota-target': '/vol/a/q', 'quota-type': 'tree', 'disk-limit': '1048576' }

async function wireWithQtree(): Promise<Wire> {
  const made = await wire({ volumes: ['a'] })
  await made.ask('qtree-create', { qtree: 'q', volume: 'a' })
  return made
}

test('rules are in kilobytes, and a hyphen is no limit', async () => {
  const { ask, list } = await wireWithQtree()
  await ask('quota-set-entry', DEFAULT_RULE)
  await ask('quota-set-entry', RULE)
  const rules = await list('quota-list-entries-iter', { query: { 'quota-entry': { 'quota-type': 'tree' } } })
  const fields = ['volume', 'qtree', 'quota-target', 'quota-type', 'disk-limit', 'file-limit']
  assert.deepEqual(
    rules.map((rule) => fields.map((field) => rule[field])),
    [
      ['a', '', '', 'tree', '-', '-'],
      ['a', '', '/vol/a/q', 'tree', '1048576', '-'],
    ],
  )
  const own = { query: { 'quota-entry': { 'quota-target': '/vol/a/*' } } }
  assert.equal((await list('quota-list-entries-iter', own)).length, 1)
})

test('setting a rule again changes it', async () => {
  const { ask, list, refused } = await wireWithQtree()
  await ask('quota-set-entry', RULE)
  await ask('quota-set-entry', { ...RULE, 'disk-limit': '2048', 'soft-disk-limit': '1024' })
  const limits = async () => {
    const [rule] = await list('quota-list-entries-iter')
    return [rule['disk-limit'], rule['soft-disk-limit']]
  }
  assert.deepEqual(await limits(), ['2048', '1024'])
  await ask('quota-modify-entry', { ...RULE, 'disk-limit': '4096' })
  assert.deepEqual(await limits(), ['4096', '1024'])
  assert.equal(await refused('quota-add-entry', RULE), '13130 duplicate entry')
  await ask('quota-delete-entry', { volume: 'a', qtree: '', 'quota-target': '/vol/a/q', 'quota-type': 'tree' })
  assert.deepEqual(await list('quota-list-entries-iter'), [])
  assert.match(await refused('quota-modify-entry', RULE), /^15661 /)
  const gone = { volume: 'a', qtree: '', 'quota-target': '/vol/a/q', 'quota-type': 'tree' }
  assert.match(await refused('quota-delete-entry', gone), /^15661 /)
})

test('what a rule cannot be is refused', async () => {
  const { refused } = await wireWithQtree()
  assert.match(await refused('quota-set-entry', { ...RULE, 'disk-limit': '1g' }), /^13115 .*"disk-limit"/)
  assert.match(await refused('quota-set-entry', { ...RULE, 'quota-target': '/vol/b/q' }), /^13115 .*"quota-target"/)
  assert.match(await refused('quota-set-entry', { ...RULE, 'quota-target': 'q' }), /^13001 .*path/)
  assert.match(await refused('quota-set-entry', { ...RULE, qtree: 'q' }), /^13001 /)
  assert.match(await refused('quota-set-entry', { ...RULE, 'quota-type': 'forest' }), /^13115 /)
  assert.match(await refused('quota-set-entry', { ...RULE, volume: 'none' }), /^15661 /)
})

test('a rule does nothing until quotas are switched on, or resized', async () => {
  const { ask, refused, wait, volume, list } = await wireWithQtree()
  const status = async () => (await ask('quota-status', { volume: 'a' }))['status']
  const reported = async () => (await list('quota-report-iter')).map((row) => [row['tree'], row['disk-limit']])
  assert.match(await refused('quota-on', { volume: 'a' }), /^13001 .*no quota rules/)
  assert.match(await refused('quota-resize', { volume: 'a' }), /^13001 .*off/)
  await ask('quota-set-entry', RULE)
  assert.equal(await status(), 'off')

  const { 'result-status': result, 'result-jobid': job } = await ask('quota-on', { volume: 'a' })
  assert.equal(result, 'in_progress')
  assert.match(job, /^\d+$/)
  assert.equal(await status(), 'initializing')
  assert.match(await refused('quota-resize', { volume: 'a' }), /^13001 /)
  wait(JOB_MS)
  assert.equal(await status(), 'on')
  assert.match(await refused('quota-on', { volume: 'a' }), /^13001 .*already on/)
  assert.deepEqual(volume('a').quota.enforced, [{ qtree: 1, hardLimit: 1024 ** 3 }])

  await ask('quota-set-entry', { ...RULE, 'disk-limit': '2097152' })
  assert.deepEqual(await reported(), [['q', '1048576']])
  await ask('quota-resize', { volume: 'a' })
  assert.equal(await status(), 'resizing')
  wait(JOB_MS)
  assert.deepEqual(await reported(), [['q', '2097152']])

  assert.deepEqual(await ask('quota-off', { volume: 'a' }), { 'result-status': 'succeeded', '@status': 'passed' })
  assert.deepEqual(await reported(), [])
  assert.match(await refused('quota-off', { volume: 'a' }), /^13001 /)
})

test('rules for users are another kind', async () => {
  const { ask, list } = await wireWithQtree()
  await ask('quota-set-entry', {
    volume: 'a',
    qtree: 'q',
    'quota-target': 'docker',
    'quota-type': 'user',
    'file-limit': '5',
  })
  const [rule] = await list('quota-list-entries-iter')
  assert.deepEqual([rule['qtree'], rule['quota-target'], rule['file-limit']], ['q', 'docker', '5'])
})
