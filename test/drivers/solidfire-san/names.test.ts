import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ElementVolume } from '../../../src/backends/element/element.ts'
import {
  catalogueOf,
  elementNameOf,
  isCopyOfAnother,
  nameElsewhereOf,
  ownNameOf,
} from '../../../src/drivers/solidfire-san/names.ts'

const settings = { prefix: '', legacyPrefix: 'netappdvp-' }

const volume = (id: number, name: string, attributes: Record<string, unknown> = {}) =>
  ({ id, name, attributes }) as unknown as ElementVolume

test('the array’s name is nDVP’s: every "_" becomes "-", and so does what else the array cannot say', () => {
  assert.equal(elementNameOf('my_vol-1'), 'my-vol-1')
  assert.equal(elementNameOf('app.data_1'), 'app-data-1')
})

test('whatever Docker calls a volume, the array can be told, and long names differ to the end', () => {
  const dockerName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{1,254}$/)
  fc.assert(fc.property(dockerName, (name) => assert.match(elementNameOf(name), /^[A-Za-z0-9-]{1,64}$/)))
  const long = 'x'.repeat(100)
  assert.notEqual(elementNameOf(`${long}a`), elementNameOf(`${long}b`))
  assert.equal(elementNameOf('y'.repeat(64)), 'y'.repeat(64))
})

test('names that differ only by "_" and "-" are two volumes, told apart by the name kept with each', () => {
  const catalogue = catalogueOf(
    [volume(1, 'a-b', { 'docker-name': 'a_b' }), volume(2, 'a-b', { 'docker-name': 'a-b' })],
    settings,
  )
  assert.deepEqual(
    [...catalogue].map(([name, [{ id } = { id: 0 }]]) => [name, id]),
    [
      ['a_b', 1],
      ['a-b', 2],
    ],
  )
})

test('a volume of nDVP 1.3.0 is known without its prefix, which is taken off only where the name begins with it', () => {
  assert.equal(nameElsewhereOf(volume(1, 'netappdvp-v1'), settings), 'v1')
  assert.equal(nameElsewhereOf(volume(1, 'netappdvp-a-netappdvp-b'), settings), 'a-netappdvp-b')
  assert.equal(nameElsewhereOf(volume(1, 'x-netappdvp-v1'), settings), undefined)
  assert.equal(ownNameOf(volume(1, 'x-netappdvp-v1'), settings), 'x-netappdvp-v1')
  assert.equal(nameElsewhereOf(volume(1, 'netappdvp-'), settings), undefined)
})

test('a volume with a name in its place comes before one of nDVP 1.3.0, which is then known by its full name', () => {
  const catalogue = catalogueOf([volume(1, 'netappdvp-v1'), volume(2, 'v1', { 'docker-name': 'v1' })], settings)
  assert.equal(catalogue.get('v1' as never)?.[0]?.id, 2)
  assert.equal(catalogue.get('netappdvp-v1' as never)?.[0]?.id, 1)
})

test('a copy made on the array, attributes and all, takes no name away from its source', () => {
  const [source, copy] = [volume(1, 'db', { 'docker-name': 'db' }), volume(2, 'db-copy', { 'docker-name': 'db' })]
  const catalogue = catalogueOf([source, copy], settings)
  assert.deepEqual([...catalogue.keys()], ['db', 'db-copy'])
  assert.deepEqual(catalogue.get('db' as never), [source])
})

test('a copy does not take its source’s place when that is gone, and counts as somebody else’s', () => {
  const copy = volume(2, 'db-copy', { 'docker-name': 'db' })
  assert.deepEqual([...catalogueOf([copy], settings).keys()], ['db-copy'])
  assert.equal(isCopyOfAnother(copy, settings), true)
  assert.equal(isCopyOfAnother(volume(1, 'db', { 'docker-name': 'db' }), settings), false)
  assert.equal(isCopyOfAnother(volume(1, 'netappdvp-db'), settings), false)
})

test('a volume with nDVP’s prefix of old in the array’s name and an attribute is known by the attribute', () => {
  assert.deepEqual([...catalogueOf([volume(1, 'netappdvp-db', { 'docker-name': 'db' })], settings).keys()], ['db'])
})

test('two volumes of one name are both in the catalogue, for people to sort out', () => {
  const twins = [volume(1, 'db', { 'docker-name': 'db' }), volume(2, 'db', { 'docker-name': 'db' })]
  assert.equal(catalogueOf(twins, settings).get('db' as never)?.length, 2)
})
