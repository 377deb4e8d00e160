import type { AnyDriverDefinition, Driver, OptionValues } from '../../../src/drivers/driver.ts'
import { ontapNasEconomy } from '../../../src/drivers/ontap-nas-economy/driver.ts'
import { keepsDriverContract } from '../../contract/driver.contract.ts'
import { PLAIN, RELEASES, startSvm } from '../ontap/svm.ts'

const definition = ontapNasEconomy as unknown as AnyDriverDefinition
const { splitOnClone: _, ...plain } = PLAIN

for (const [dialect, release] of Object.entries(RELEASES)) {
  keepsDriverContract(`ontap-nas-economy over ${dialect}`, async () => {
    const svm = await startSvm(definition, { release })
    return {
      driver: (await svm.open()) as Driver<never>,
      options: plain as unknown as OptionValues,
      keepsIntents: false,
      reopen: async () => (await svm.open()) as Driver<never>,
      close: () => svm.close(),
    }
  })
}
