/** What definitions of drivers have for those who prepare the array; loaded only when it is asked for. */

import type { DriverDefinition } from '../driver.ts'
import type { VolumeSettings } from './nas-settings.ts'
import type { OntapNasDriver } from './rights.ts'

type Hooks = Required<Pick<DriverDefinition<VolumeSettings, never>, 'roleCommands' | 'checkArray'>>

export function arrayHooks(driver: OntapNasDriver): Hooks {
  return {
    async roleCommands(settings) {
      const { roleCommands } = await import('./role-commands.ts')
      return roleCommands(driver, settings)
    },
    async checkArray(settings) {
      const { checkSvm } = await import('./check-svm.ts')
      return checkSvm(driver, settings)
    },
  }
}
