import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkSvm } from '../../../src/drivers/ontap/check-svm.ts'
import type { OntapNasDriver } from '../../../src/drivers/ontap/rights.ts'
import { silentLog } from '../../../src/log.ts'
import { Secret } from '../../../src/secret.ts'
import { startOntapSimulator } from '../../../src/simulators/ontap/simulator.ts'

/** What is wrong with an array of that release. */
async function errors(t: TestContext, driver: OntapNasDriver, release: string): Promise<readonly string[]> {
  const simulator = await startOntapSimulator({ release })
  const stateDirectory = await mkdtemp(join(tmpdir(), 'check-svm-'))
  t.after(async () => {
    await simulator.close()
    await rm(stateDirectory, { recursive: true })
  })
  const { address: managementLIF, user: username, password, fingerprint: tlsFingerprint } = simulator
  const access = { managementLIF, username, password: new Secret(password), tlsFingerprint }
  const config = { ...access, insecureSkipVerify: false, maxConcurrentRequests: 4 }
  const { signal } = new AbortController()
  const settings = { config, deletePolicy: 'purge', stateDirectory, log: silentLog, signal }
  const findings = await checkSvm(driver, settings as never)
  return findings.filter(({ level }) => level === 'error').map(({ message }) => message)
}

test('an array that is too old for FlexGroups is told of before a volume is asked for', async (t) => {
  const [error = '', ...others] = await errors(t, 'ontap-nas-flexgroup', '9.1')
  assert.match(error, /^ontap-nas-flexgroup needs ONTAP 9\.2, and the array has 9\.1\.0.*Use ontap-nas, or upgrade\.$/)
  assert.deepEqual(others, [])
  assert.deepEqual(await errors(t, 'ontap-nas-flexgroup', '9.2'), [])
  assert.deepEqual(await errors(t, 'ontap-nas', '9.1'), [])
})
