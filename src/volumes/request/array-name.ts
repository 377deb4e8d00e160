/** Docker's name to the array's, and back, for one instance. */

import type { Volume } from '../../drivers/driver.ts'
import { type ArrayName, arrayNameOf, arrayPrefixOf, type VolumeName, volumeNameOf } from '../../names.ts'
import type { Parts } from '../volumes.ts'

export function arrayOf({ settings, definition }: Parts, name: VolumeName): ArrayName {
  return arrayNameOf(name, settings.prefix, definition.names)
}

/**
 * The name Docker knows a volume by; undefined when it is not one of this instance's: another prefix, or a
 * Docker name kept on it that does not lead back to it.
 */
export function dockerNameOf(parts: Parts, volume: Volume): VolumeName | undefined {
  if (volume.belongsTo !== undefined) return undefined
  const kept = volume.dockerName as VolumeName | undefined
  if (kept !== undefined && arrayOf(parts, kept) === volume.name) return kept
  const plain = volumeNameOf(volume.name, arrayPrefixOf(parts.settings.prefix, parts.definition.names))
  return plain !== undefined && arrayOf(parts, plain) === volume.name ? plain : undefined
}
