import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Mount, mountAt, parseMounts, readMounts } from '../../src/host/mountinfo.ts'

test('a line is read field by field, its tags up to the dash', () => {
  const line = '36 35 98:0 /mnt1 /mnt2 rw,noatime shared:7 master:1 - ext3 /dev/root rw,errors=continue'
  assert.deepEqual(parseMounts(line), [
    {
      id: 36,
      parentId: 35,
      device: '98:0',
      root: '/mnt1',
      mountpoint: '/mnt2',
      options: 'rw,noatime',
      tags: ['shared:7', 'master:1'],
      fstype: 'ext3',
      source: '/dev/root',
      superOptions: 'rw,errors=continue',
    },
  ])
})

test('a line without tags, and one with an empty source, are read', () => {
  const [plain, empty] = parseMounts('1 0 0:5 / /proc rw - proc proc rw\n2 1 0:9 / /x rw - tmpfs  rw,size=4k\n')
  assert.deepEqual([plain!.tags, plain!.source], [[], 'proc'])
  assert.deepEqual([empty!.source, empty!.superOptions], ['', 'rw,size=4k'])
})

test('a mount point called "-" is not taken for the dash', () => {
  const [mount] = parseMounts('1 0 0:5 - - rw shared:1 - tmpfs - rw')
  assert.deepEqual([mount!.root, mount!.mountpoint, mount!.source], ['-', '-', '-'])
})

test('lines of another shape are skipped, the others read', () => {
  const good = '1 0 0:5 / /proc rw - proc proc rw'
  const bad = [
    '',
    'x',
    '1 0 0:5 / /proc rw proc proc rw',
    'a 0 0:5 / /p rw - p p rw',
    '1 0 5 / /p rw - p p rw',
    '1 0 0:5 / /p rw - p p',
  ]
  assert.deepEqual(parseMounts([...bad, good, ...bad].join('\n')), parseMounts(good))
})

test('whatever the text, nothing is thrown', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Array.isArray(parseMounts(text))))
})

test('whatever follows a known line, that line is still read', () => {
  const good = '1 0 0:5 / /proc rw - proc proc rw'
  const garbage = fc.string({ unit: fc.constantFrom(' ', '-', '\\', '0', '7', ':', '/', 'x', '\t') })
  fc.assert(fc.property(garbage, (text) => parseMounts(`${text}\n${good}`).at(-1)!.mountpoint === '/proc'))
})

test('any path comes back as it was before the kernel escaped it', () => {
  const path = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\\', '#', '0', '4', '-', '/', 'a', 'é', '💾') })
  fc.assert(
    fc.property(path, path, path, (root, mountpoint, source) => {
      const line = `1 0 7:0 ${escaped(root)} ${escaped(mountpoint)} rw shared:1 - ext4 ${escaped(source)} rw`
      const [mount] = parseMounts(line)
      assert.deepEqual([mount!.root, mount!.mountpoint, mount!.source], [root, mountpoint, source])
    }),
  )
})

test('of several mounts at a path, the one that sits on the others counts, whatever the order', () => {
  const lower = mount({ id: 10, parentId: 1 })
  const upper = mount({ id: 5, parentId: 10 })
  assert.equal(mountAt([lower, upper], '/mnt'), upper)
  assert.equal(mountAt([upper, lower], '/mnt'), upper)
})

test('of mounts at a path that do not sit on each other, the last counts', () => {
  const [first, second] = [mount({ id: 10, parentId: 1 }), mount({ id: 11, parentId: 1 })]
  assert.equal(mountAt([first, second], '/mnt'), second)
})

test('only the very path counts, neither one below nor one that begins alike', () => {
  const mounts = [mount({ mountpoint: '/mnt/below' }), mount({ mountpoint: '/mnt2' })]
  assert.equal(mountAt(mounts, '/mnt'), undefined)
})

test("this process's own table has the root and /proc", async () => {
  const mounts = await readMounts()
  assert.ok(mountAt(mounts, '/'))
  assert.equal(mountAt(mounts, '/proc')!.fstype, 'proc')
})

/** As the kernel does: mangle() in fs/proc_namespace.c, seq_path() for paths. */
function escaped(text: string): string {
  return text.replace(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

function mount(part: Partial<Mount>): Mount {
  return {
    id: 1,
    parentId: 0,
    device: '7:0',
    root: '/',
    mountpoint: '/mnt',
    options: 'rw',
    tags: [],
    fstype: 'ext4',
    source: '/dev/loop0',
    superOptions: 'rw',
    ...part,
  }
}
