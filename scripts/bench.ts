/** `npm run bench`: what dist/netappdvp costs, in numbers. Asserts nothing; a quiet machine gives better ones. */

import { whyNoLab } from '../test/lab/support/image.ts'
import { LATENCY_MS, measureArray } from './bench/array.ts'
import { BENCHES } from './bench/arrays.ts'
import {
  callMany,
  measureCreateAndRemove,
  measureCreates,
  measureMounts,
  measureReads,
  measureStall,
} from './bench/calls.ts'
import { measureRuns, printRuns } from './bench/lab.ts'
import { printMeasured } from './bench/measure.ts'
import { startPlugin } from './bench/plugin.ts'
import { printStall } from './bench/stall.ts'
import { measureStartup, printStartup } from './bench-startup.ts'

const MANY = 20_000
const IDLE_MS = 500

say(printStartup(await measureStartup(10)))

const plugin = await startPlugin()
try {
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const idle = await plugin.anonymousMb()
  say(printMeasured([await measureCreates(plugin)]))
  say(printMeasured(await measureReads(plugin)))
  say(printMeasured(await measureStall(plugin)))
  say(printMeasured([await measureCreateAndRemove(plugin)]))
  if (process.getuid?.() === 0) say(printMeasured(await measureMounts(plugin)))
  else say('Mount and Unmount need root.\n')

  await callMany(plugin, MANY)
  const after = await plugin.anonymousMb()
  say(`anonymous memory: ${idle.toFixed(1)} MB idle, ${after.toFixed(1)} MB after ${MANY} more calls\n`)
} finally {
  await plugin.stop()
}

for (const bench of BENCHES) {
  const { rows, stall, idleMb, afterMb } = await measureArray(bench)
  say(`${bench.driver}, ${bench.volumes} volumes on an array ${LATENCY_MS} ms away (${bench.simulate.join(' ')})`)
  say(printMeasured(rows))
  say(printStall(stall))
  say(`anonymous memory: ${idleMb.toFixed(1)} MB before, ${afterMb.toFixed(1)} MB after\n`)
}

const noLab = whyNoLab()
if (noLab === false) say(printRuns(await measureRuns()))
else say(`No docker run in a machine of the lab: it ${noLab}.\n`)

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
