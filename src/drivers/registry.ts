/** Every driver, one line each. */

import type { AnyDriverDefinition } from './driver.ts'
import { localFile } from './local-file/driver.ts'
import { ontapNas } from './ontap-nas/driver.ts'
import { ontapNasEconomy } from './ontap-nas-economy/driver.ts'
import { ontapNasFlexgroup } from './ontap-nas-flexgroup/driver.ts'
import { solidfireSan } from './solidfire-san/definition.ts'

export const drivers: Readonly<Record<string, AnyDriverDefinition>> = {
  'local-file': localFile,
  'ontap-nas': ontapNas,
  'ontap-nas-economy': ontapNasEconomy,
  'ontap-nas-flexgroup': ontapNasFlexgroup,
  'solidfire-san': solidfireSan,
}
