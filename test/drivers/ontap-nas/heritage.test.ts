/** Volumes that nDVP and Trident made: theirs are found, mounted, cloned and removed as ours are. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import type { AnyDriverDefinition, IntentId, OptionValues } from '../../../src/drivers/driver.ts'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import type { ArrayName } from '../../../src/names.ts'
import { GIB } from '../../../src/units.ts'
import { volumesOf } from '../../../src/volumes/volumes.ts'
import { FakeHost } from '../../contract/fake-host.ts'
import { asked, name, partsIn } from '../../volumes/instance.ts'
import { PLAIN, RELEASES, startSvm } from '../ontap/svm.ts'

const { ctx } = asked()
const old = 'netappdvp_old' as ArrayName

/** What each wrote into the comment of a volume. */
const COMMENTS = { nDVP: '', Trident: '{"provisioning":{"tier":"gold"}}' }

for (const [dialect, release] of Object.entries(RELEASES)) {
  for (const [maker, comment] of Object.entries(COMMENTS)) {
    suite(`a volume of ${maker}’s, over ${dialect}`, () => {
      async function start(t: TestContext) {
        const svm = await startSvm(ontapNas, { release })
        const directory = await mkdtemp(join(tmpdir(), 'heritage-'))
        const driver = await svm.open({ deletePolicy: 'purge' })
        const options = PLAIN as unknown as OptionValues
        await driver.create(ctx, { name: old, dockerName: 'x', size: GIB, options, intent: randomUUID() as IntentId })
        await svm.simulator.change(({ volumes }) => {
          volumes.put({ ...volumes.all().find((volume) => volume.name === old)!, comment })
        })
        const definition = ontapNas as unknown as AnyDriverDefinition
        const host = new FakeHost()
        const parts = await partsIn(directory, { definition, driver, host }, { deletePolicy: 'purge' })
        t.after(async () => {
          await svm.close()
          await parts.known.saved()
          await rm(directory, { recursive: true })
        })
        return { svm, driver, host, volumes: volumesOf(parts) }
      }

      test('is listed and found by the name it has in Docker', async (t) => {
        const { volumes } = await start(t)
        assert.deepEqual(
          (await volumes.list(ctx)).map((volume) => volume.name),
          ['old'],
        )
        await volumes.get(ctx, name('old'))
        await volumes.create(ctx, name('old'), { size: '1g' })
      })

      test('is mounted from where it is, and keeps its comment and its export policy', async (t) => {
        const { svm, driver, volumes } = await start(t)
        await volumes.mount(ctx, name('old'), 'id')
        const publication = await driver.publish(ctx, old, { name: 'h' })
        assert.equal(publication.kind === 'nfs' && publication.path, '/netappdvp_old')
        const found = svm.simulator.array.volumes.all().find((volume) => volume.name === old)
        assert.equal(found?.comment, comment)
      })

      test('is cloned, and both are removed, the clone first', async (t) => {
        const { svm, volumes } = await start(t)
        await volumes.create(ctx, name('copy'), { from: 'old' })
        await assert.rejects(volumes.remove(ctx, name('old')), { code: 'HAS_DEPENDENTS', message: /netappdvp_copy/ })
        await volumes.remove(ctx, name('copy'))
        const { array } = svm.simulator
        assert.deepEqual(array.snapshots.get(array.volumes.all().find((volume) => volume.name === old)!.uuid) ?? [], [])
        await volumes.remove(ctx, name('old'))
        assert.deepEqual(await volumes.list(ctx), [])
      })
    })
  }
}
