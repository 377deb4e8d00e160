import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startElementSimulator } from '../../src/simulators/element/simulator.ts'
import { startOntapSimulator } from '../../src/simulators/ontap/simulator.ts'

interface Settings {
  readonly stateFile: string
  readonly report: (line: string) => void
}

/** Starts an array. @returns what changes it, and what ends it */
type Start = (settings: Settings) => Promise<readonly [change: () => Promise<unknown>, close: () => Promise<void>]>

const ARRAYS: Readonly<Record<string, Start>> = {
  async Element(settings) {
    const simulator = await startElementSimulator(settings)
    return [() => simulator.advanceClock(0), simulator.close]
  },
  async ONTAP(settings) {
    const simulator = await startOntapSimulator(settings)
    return [() => simulator.change(() => {}), simulator.close]
  },
}

for (const [array, start] of Object.entries(ARRAYS)) {
  test(`${array}: a state file that can no longer be written is what is told, not the data plane`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    const reports: string[] = []
    const stateFile = join(directory, 'array.json')
    const [change, close] = await start({ stateFile, report: (line) => reports.push(line) })
    t.after(close)
    rmSync(directory, { recursive: true })
    await assert.rejects(change(), /Cannot keep the state in/)
    assert.equal(reports.length, 1)
    assert.ok(reports[0]?.startsWith(`Cannot keep the state in ${stateFile}: ENOENT`), reports[0])
  })
}
