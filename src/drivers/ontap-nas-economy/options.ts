/** `-o` options of ontap-nas-economy: those of ontap-nas that a qtree, or the FlexVol around it, can have. */

import type { OptionValues, PropertySchema, PropertySchemas, Remark } from '../driver.ts'
import { inert } from '../ontap/access.ts'
import { parseMode } from '../ontap/modes.ts'
import { type NasOptions, nasOptions } from '../ontap/nas-options.ts'

export type EconomyOptions = Omit<NasOptions, 'splitOnClone' | 'adaptiveQosPolicy'>

const { splitOnClone: _, adaptiveQosPolicy: __, ...shared } = nasOptions

export const economyOptions: PropertySchemas<EconomyOptions> = {
  ...shared,
  spaceReserve: {
    ...shared.spaceReserve,
    description:
      '`none` takes space as it is written (thin); `volume` reserves all of it at once (thick). Of the FlexVol around it.',
  },
  snapshotPolicy: {
    ...shared.snapshotPolicy,
    description:
      'Which snapshots the array takes by itself, of all volumes in the FlexVol: a snapshot policy of the SVM.',
  },
  snapshotReserve: {
    ...shared.snapshotReserve,
    description:
      'Percent of the FlexVol around it that only snapshots use. Default: 0 with `snapshotPolicy=none`, else 5.',
  },
  snapshotDir: {
    ...shared.snapshotDir,
    description: 'Whether the FlexVol around it shows its snapshots in `.snapshot`.',
  },
  unixPermissions: {
    ...shared.unixPermissions,
    description:
      'Permissions of the top directory: `---rwxr-xr-x` or `0755`. Not `0000`: that is a volume in the making.',
  },
  encryption: { ...shared.encryption, description: 'Only in an encrypted FlexVol (NVE). Default: in any.' },
  aggregate: {
    ...shared.aggregate,
    description: 'Aggregate of the FlexVol around it. Default: whichever of the config’s has room.',
  },
  qosPolicy: {
    ...shared.qosPolicy,
    description: 'QoS policy group of the SVM that limits all volumes in the FlexVol together.',
  },
}

/** Options of ontap-nas, which configs have under `defaults` whatever the driver. */
export const inertOptions = {
  splitOnClone: inert('qtrees cannot be cloned'),
  adaptiveQosPolicy: inert('its limits would grow with the FlexVol around a volume; use `qosPolicy`'),
} satisfies Readonly<Record<string, PropertySchema>>

/** What is wrong with permissions that nobody may use; to be continued after `Option "unixPermissions" `. */
export const NO_PERMISSIONS = 'cannot be 0000: that marks a volume in the making; allow the owner something'

/** @param path of the options, as a JSON pointer */
export function examineMode(path: string, { unixPermissions }: OptionValues): readonly Remark[] {
  if (unixPermissions === undefined || parseMode(String(unixPermissions)) !== 0) return []
  return [{ level: 'error', path: `${path}/unixPermissions`, sentence: `setting "unixPermissions" ${NO_PERMISSIONS}` }]
}
