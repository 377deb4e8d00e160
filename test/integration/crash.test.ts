/**
 * kill -9 at every step of every call, on the built executable and the kernel's own loop devices and mounts.
 *
 * The steps are not written down here: each call is run once under strace, and the daemon is then killed at each of
 * them in turn. Needs root and strace; leaves nothing behind.
 */

import { basename, join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { missing } from './process/daemon.ts'
import {
  killAtEveryStep,
  killAtEveryStepOfRecovery,
  killWhileHelperWorks,
  killWithMkfs,
  type Summary,
  terminateAtEveryStep,
} from './process/kill-engine.ts'
import { firstMount, GRACEFUL, RECOVERIES, reflinkClone, SCENARIOS, SLOW_HELPERS } from './process/scenarios.ts'
import { sharingFilesystem } from './process/sharing-filesystem.ts'
import { cannotTrace } from './process/strace.ts'

const skip = missing || (await cannotTrace())

if (skip) test('the daemon killed at every step', { skip })
else
  suite('the daemon', () => {
    for (const scenario of SCENARIOS) {
      test(`killed at any step of ${scenario.name}, it makes the repeated call good and leaves nothing behind`, async (t) => {
        tell(t, await killAtEveryStep(scenario))
      })
    }
    test('killed at any step of a clone that shares its blocks, it makes the repeated call good', async (t) => {
      const filesystem = await sharingFilesystem()
      if (!filesystem) return t.skip('needs XFS')
      try {
        tell(t, await killAtEveryStep(reflinkClone((root) => join(filesystem.directory, basename(root)))))
      } finally {
        await filesystem.remove()
      }
    })
    for (const { scenario, after } of RECOVERIES) {
      test(`killed at ${scenario.name}, and again at any step of the start that follows, it makes it good in the end`, async (t) => {
        tell(t, await killAtEveryStepOfRecovery(scenario, after))
      })
    }
    for (const { scenario, slow } of SLOW_HELPERS) {
      test(`killed during ${scenario.name} while its ${slow.program} is at work, it copes with that`, async () => {
        await killWhileHelperWorks(scenario, slow)
      })
    }
    test('killed together with a mkfs that is half done, it formats the volume all the same', async (t) => {
      tell(t, await killWithMkfs(firstMount))
    })
    for (const scenario of GRACEFUL) {
      test(`told to end at any step of ${scenario.name}, it answers first`, async (t) => {
        tell(t, await terminateAtEveryStep(scenario))
      })
    }
  })

function tell(t: TestContext, { steps, runs, seconds }: Summary): void {
  t.diagnostic(`${steps.length} steps, ${runs} runs, ${seconds} s`)
}
