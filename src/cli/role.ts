/** The role command: what an administrator of the array types for a config. */

import type { Registry } from '../config/identify.ts'
import { loadConfig } from '../config/load.ts'
import type { Environment } from '../config/secrets.ts'
import { chooseSource } from '../config/source.ts'
import { RequestError } from '../errors.ts'
import type { RoleOptions } from './options.ts'

/** @throws ConfigError; RequestError NOT_SUPPORTED for a driver whose array has no roles for it */
export async function role(
  { config: path, volumeDriver }: RoleOptions,
  registry: Registry,
  env: Environment,
): Promise<string> {
  const loaded = await loadConfig(await chooseSource(path, volumeDriver), registry, env)
  const { name, driverName, definition, deletePolicy } = loaded
  if (!definition.roleCommands) {
    const others = Object.keys(registry).filter((other) => registry[other]?.roleCommands)
    throw new RequestError(
      'NOT_SUPPORTED',
      `Cannot print a role for ${name}: ${driverName} has none. Drivers that have one: ${others.join(', ')}.`,
    )
  }
  const lines = await definition.roleCommands({ config: loaded.config as never, deletePolicy })
  return `# What netappdvp needs to do on the array with ${name} (${driverName}).\n${lines.join('\n')}\n`
}
