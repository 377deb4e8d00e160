import { keepsDriverContract } from './driver.contract.ts'
import { FakeDriver } from './fake-driver.ts'

keepsDriverContract('the fake', async () => {
  const driver = new FakeDriver()
  return { driver, options: { fileSystemType: 'ext4' }, reopen: async () => driver, close: async () => {} }
})
