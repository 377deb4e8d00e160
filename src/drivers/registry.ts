/** Every driver, one line each. */

import type { AnyDriverDefinition } from './driver.ts'
import { localFile } from './local-file/driver.ts'
import { solidfireSan } from './solidfire-san/definition.ts'

export const drivers: Readonly<Record<string, AnyDriverDefinition>> = {
  'local-file': localFile,
  'solidfire-san': solidfireSan,
}
