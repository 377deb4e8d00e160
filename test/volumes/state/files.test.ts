import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { DurableFile } from '../../../src/durable-file.ts'
import type { ArrayName } from '../../../src/names.ts'
import type { IscsiPublication, Publication } from '../../../src/publication.ts'
import { Secret } from '../../../src/secret.ts'
import { Journal, type MountIntent } from '../../../src/volumes/state/journal.ts'
import { Mounts, type StoredMounts } from '../../../src/volumes/state/mounts.ts'
import { name } from '../instance.ts'

const db1 = name('db1')
const record = { array: 'netappdvp_db1' as ArrayName, mountpoint: '/m/db1', publication: {} as Publication }
const answered = new AbortController().signal

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'state-'))
})
afterEach(async () => {
  await rm(directory, { recursive: true })
})

const mountsFile = () => new DurableFile<StoredMounts>(join(directory, 'mounts.json'))
const openMounts = async (boot = 'b') => (await Mounts.open(mountsFile(), boot)).mounts

test('state files are for root alone', async () => {
  const mounts = await openMounts()
  await mounts.begin(db1, record, 'x', answered)
  assert.equal((await stat(join(directory, 'mounts.json'))).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(directory), ['mounts.json'])
})

test('no secret of a publication reaches a state file', async () => {
  const publication = {
    kind: 'iscsi',
    chap: { user: 'tenant', secret: new Secret('ChapSecret12') },
  } as IscsiPublication
  const mounts = await openMounts()
  await mounts.begin(db1, { ...record, publication }, 'x', answered)
  const journal = await Journal.open(new DurableFile(join(directory, 'journal.json')))
  const intent = { verb: 'mount', name: db1, array: record.array, mountpoint: '/m/db1' } as const
  await journal.note(await journal.begin<MountIntent>(intent), { publication })
  for (const file of ['mounts.json', 'journal.json']) {
    assert.doesNotMatch(await readFile(join(directory, file), 'utf8'), /chap|tenant|ChapSecret12/)
  }
})

test('writes that come together share one, and the file is whole after each', async () => {
  const file = new DurableFile<number>(join(directory, 'n.json'))
  let value = 0
  let writes = 0
  const written = () => {
    writes += 1
    return value
  }
  const save = () => {
    value += 1
    return file.save(written)
  }
  await Promise.all(Array.from({ length: 100 }, save))
  assert.equal(await file.read(), 100)
  assert.ok(writes <= 2, `${writes} writes`)
})

test('a file that is damaged is named, with what to do', async () => {
  await writeFile(join(directory, 'mounts.json'), '{"version":1,')
  await assert.rejects(openMounts(), { code: 'STATE_UNREADABLE', message: /mounts\.json.*move the file aside/ })
})

test('what the disk refuses did not happen: memory goes back to what is on disk', async () => {
  const mounts = await openMounts()
  const journal = await Journal.open(new DurableFile(join(directory, 'journal.json')))
  await mounts.begin(db1, record, 'x', answered)
  await mkdir(join(directory, 'mounts.json.new'))
  await mkdir(join(directory, 'journal.json.new'))

  await assert.rejects(mounts.claim(db1, 'y', answered), { code: 'STATE_UNWRITABLE' })
  await assert.rejects(mounts.release(db1, 'x'), { code: 'STATE_UNWRITABLE' })
  await assert.rejects(mounts.end(db1), { code: 'STATE_UNWRITABLE' })
  await assert.rejects(mounts.begin(name('db2'), record, 'x', answered), { code: 'STATE_UNWRITABLE' })
  await assert.rejects(journal.begin({ verb: 'create', name: db1, array: record.array }), { code: 'STATE_UNWRITABLE' })
  assert.deepEqual([...mounts.claimsOf(db1)], [['x', 1]])
  assert.deepEqual(mounts.names(), [db1])
  assert.deepEqual(journal.intents(), [])
})

test('an interrupted write is overwritten by the next', async () => {
  await writeFile(join(directory, 'mounts.json.new'), '{"half')
  await chmod(join(directory, 'mounts.json.new'), 0o600)
  const mounts = await openMounts()
  await mounts.begin(db1, record, 'x', answered)
  assert.equal(JSON.parse(await readFile(join(directory, 'mounts.json'), 'utf8')).mounts.db1.claims.x.count, 1)
})

test('state of a newer version, or of another shape, is refused rather than guessed at', async () => {
  for (const text of ['{"version":2,"mounts":{}}', '{"version":1}', '[]', '{"version":1,"mounts":null}']) {
    await writeFile(join(directory, 'mounts.json'), text)
    await assert.rejects(openMounts(), { code: 'STATE_UNREADABLE', message: /mounts\.json/ })
  }
  await writeFile(join(directory, 'journal.json'), '{"version":2,"intents":[{"verb":"restore"}]}')
  const journal = Journal.open(new DurableFile(join(directory, 'journal.json')))
  await assert.rejects(journal, { code: 'STATE_UNREADABLE', message: /newer plugin/ })
})

test('intents survive, and what was noted with them', async () => {
  const open = () => Journal.open(new DurableFile(join(directory, 'journal.json')))
  const journal = await open()
  const intent = await journal.begin<MountIntent>({
    verb: 'mount',
    name: db1,
    array: record.array,
    mountpoint: '/m/db1',
  })
  await journal.note(intent, { publication: { kind: 'file' } as Publication })
  const [found] = (await open()).intents(db1)
  assert.deepEqual(found, { ...intent, publication: { kind: 'file' } })
  await journal.strike(intent)
  assert.deepEqual((await open()).intents(), [])
})

/** What mounts.ts promises, as simple as it can be said. */
interface Claims {
  /** Answered. */
  sure: number
  /** Lost in this process: taken over by the ID's next mount. */
  lost: number
  /** Unanswered before a restart. */
  inherited: number
}

test('whatever comes in whatever order, the counts are those of a simple model, also after a restart', async () => {
  const id = fc.constantFrom('x', 'y', 'z')
  const step = fc.record({ do: fc.constantFrom('mount', 'lost mount', 'unmount', 'drop', 'forget', 'restart'), id })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await rm(join(directory, 'mounts.json'), { force: true })
      let mounts = await openMounts()
      const model = new Map<string, Claims>()
      for (const { do: what, id: who } of steps) {
        const now = model.get(who) ?? { sure: 0, lost: 0, inherited: 0 }
        if (what.endsWith('mount') && what !== 'unmount') {
          const asker = what === 'mount' ? new AbortController().signal : AbortSignal.abort()
          if (mounts.get(db1)) await mounts.claim(db1, who, asker)
          else await mounts.begin(db1, record, who, asker)
          if (what === 'mount') await mounts.answered(db1, who, asker)
          now.lost = Math.max(0, now.lost - 1)
          now[what === 'mount' ? 'sure' : 'lost'] += 1
          model.set(who, now)
        } else if (what === 'unmount') {
          assert.equal(await mounts.release(db1, who), model.has(who))
          if (now.sure > 0) now.sure -= 1
          // Beyond the sure ones it takes the youngest, and those from before the restart are the oldest.
          else if (now.lost > 0) now.lost -= 1
          else if (now.inherited > 0) now.inherited -= 1
        } else if (what === 'drop') {
          const [claim] = mounts.lost(db1).filter((lost) => lost.id === who)
          if (claim) await mounts.drop(db1, claim)
          if (claim) now[claim.inherited ? 'inherited' : 'lost'] -= 1
        } else if (what === 'forget') {
          await mounts.forget(db1, who)
          now.sure = 0
        } else {
          mounts = await openMounts()
          for (const claims of model.values()) {
            claims.inherited += claims.lost
            claims.lost = 0
          }
        }
        for (const [key, claims] of model) if (totalOf(claims) === 0) model.delete(key)
        const counts = [...model].map(([key, claims]): [string, number] => [key, totalOf(claims)])
        assert.deepEqual(new Map(mounts.claimsOf(db1)), new Map(counts))
        const unsure = [...model.values()].reduce((sum, claims) => sum + claims.lost + claims.inherited, 0)
        assert.equal(mounts.lost(db1).length, unsure)
        assert.equal(
          mounts.total(db1),
          counts.reduce((sum, [, count]) => sum + count, 0),
        )
      }
    }),
    { numRuns: 60 },
  )
})

const totalOf = ({ sure, lost, inherited }: Claims) => sure + lost + inherited
