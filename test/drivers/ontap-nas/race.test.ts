/** Hosts of a Swarm that are all asked for one volume at the same time. */

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AnyDriverDefinition } from '../../../src/drivers/driver.ts'
import { ontapNas } from '../../../src/drivers/ontap-nas/driver.ts'
import { volumesOf } from '../../../src/volumes/volumes.ts'
import { FakeHost } from '../../contract/fake-host.ts'
import { asked, name, partsIn } from '../../volumes/instance.ts'
import { RELEASES, startSvm } from '../ontap/svm.ts'

const HOSTS = 3
const CALLS = 50

for (const [dialect, release] of Object.entries(RELEASES)) {
  test(`${HOSTS} hosts asked ${CALLS} times each make one volume and no error, over ${dialect}`, async () => {
    const svm = await startSvm(ontapNas, { release, latencyMs: 2, jobMs: 20 })
    const directory = await mkdtemp(join(tmpdir(), 'race-'))
    const definition = ontapNas as unknown as AnyDriverDefinition
    const instances = await Promise.all(
      Array.from({ length: HOSTS }, async (_, host) => {
        const driver = await svm.open()
        const state = join(directory, String(host))
        await mkdir(state)
        return partsIn(state, { definition, driver, host: new FakeHost() }, {})
      }),
    )
    try {
      const calls = instances.flatMap((parts) => {
        const volumes = volumesOf(parts)
        return Array.from({ length: CALLS }, () => volumes.create(asked().ctx, name('web'), { size: '1g' }))
      })
      const faults = (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected')
      assert.deepEqual(faults, [])
      const made = svm.simulator.array.volumes.all().filter(({ name: found }) => found.startsWith('netappdvp_web'))
      assert.equal(made.length, 1)
    } finally {
      await svm.close()
      for (const parts of instances) await parts.known.saved()
      await rm(directory, { recursive: true })
    }
  })
}
