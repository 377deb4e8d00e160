import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportsText, type NfsClients } from '../../../src/simulators/data-plane/nfs-exports.ts'

const FSID = '5f0b3e0c-93c8-4f6b-9c7e-0a8c1d9e1234'

function clients(match: string, more: Partial<NfsClients> = {}): NfsClients {
  return { match, readOnly: false, rootIsRoot: true, anonymousUser: 65534, ...more }
}

function lineOf(...list: readonly NfsClients[]): string {
  return exportsText([{ path: '/vol', fsid: FSID, clients: list }])
}

/** `['10.0.0.5']` of `/vol 10.0.0.5(rw,…)`. */
function matchesOf(...list: readonly NfsClients[]): readonly string[] {
  return [...lineOf(...list).matchAll(/ (\S+?)\(/g)].map(([, match = '']) => match)
}

test('a volume is exported under its own number, and whoever walks into another sees that', () => {
  const line = lineOf(clients('10.0.0.5'))
  assert.match(line, /^\/vol 10\.0\.0\.5\(rw,no_root_squash,.*\)\n$/)
  assert.match(line, new RegExp(`,fsid=${FSID},`))
  assert.match(line, /,crossmnt,/)
})

test('read-only clients, and those whose root is nobody, are told apart', () => {
  const line = lineOf(
    clients('10.0.0.5', { readOnly: true }),
    clients('10.0.0.6', { rootIsRoot: false, anonymousUser: 99 }),
  )
  assert.match(line, / 10\.0\.0\.5\(ro,no_root_squash,/)
  assert.match(line, / 10\.0\.0\.6\(rw,root_squash,anonuid=99,anongid=99,/)
})

test('everybody is written so that exportfs lets everybody in', () => {
  assert.deepEqual(matchesOf(clients('0.0.0.0/0'), clients('::/0')), ['0.0.0.0/0.0.0.0', '::/0'])
})

test('networks, hosts, domains and netgroups are written as exports(5) has them', () => {
  const all = ['10.0.0.0/24', 'fd00::5', 'db.example.com', '.example.com', '@trusted'].map((match) => clients(match))
  assert.deepEqual(matchesOf(...all), ['10.0.0.0/24', 'fd00::5', 'db.example.com', '*.example.com', '@trusted'])
})

test('of two rules for the same clients the first counts', () => {
  const line = lineOf(clients('10.0.0.5', { readOnly: true }), clients('10.0.0.5'))
  assert.equal(line.match(/10\.0\.0\.5\(/g)?.length, 1)
  assert.match(line, /\(ro,/)
})

test('what a path or a rule holds cannot become another line or another option', () => {
  const text = exportsText([{ path: '/a b\n/etc *(rw)', fsid: FSID, clients: [clients('x(rw) *')] }])
  assert.equal(text.split('\n').length, 2)
  assert.match(text, /^\/a\\040b\\012\/etc\\040\*\\050rw\\051 x\\050rw\\051\\040\*\(rw,/)
})

test('a volume that nobody may mount is not exported', () => {
  assert.equal(lineOf(), '')
})
