/** Settings of the drivers that make volumes on an ONTAP file server. */

import { parseAddress } from '../../backends/ontap/address.ts'
import { parseNfsMountOptions } from '../../nfs-options.ts'
import type { OptionTexts, PropertySchema, PropertySchemas, Remark } from '../driver.ts'
import { type AccessSettings, accessSettings, credentialsOf, fault, inert, inertAccess } from './access.ts'
import { parseDataLif } from './data-lif-setting.ts'
import { parseMode } from './modes.ts'
import { inertNasDefaults, nasOptions } from './nas-options.ts'
import { parseNetwork } from './networks.ts'
import { examinePools, type PoolSettings, poolSettings } from './pools.ts'

export interface NasSettings extends AccessSettings {
  readonly nfsMountOptions: string
  readonly autoExportPolicy: boolean
  readonly autoExportCIDRs?: readonly string[]
}

export const nasSettings: PropertySchemas<NasSettings> = {
  ...accessSettings,
  nfsMountOptions: {
    type: 'string',
    minLength: 1,
    default: '-o nfsvers=3',
    description:
      'Options hosts mount with, as after `mount`: `-o nfsvers=4.1,hard`. Hosts without rpc.statd need `-o nfsvers=3,nolock` or NFS 4.',
  },
  autoExportPolicy: {
    type: 'boolean',
    default: false,
    description:
      'Keep an export policy of this instance’s own, with a rule for each host as it first mounts; then `exportPolicy` has no effect.',
  },
  autoExportCIDRs: {
    type: 'array',
    items: { type: 'string', minLength: 1, description: 'A network, such as `10.0.0.0/8`.' },
    description: 'Networks of the addresses that get a rule. Default: `0.0.0.0/0` and `::/0`.',
  },
}

export const inertNas = {
  ...inertAccess,
  igroupName: inert('it is a setting of ontap-san'),
  nasType: inert('volumes are mounted over NFS; SMB is not for Docker on Linux'),
  smbShare: inert('volumes are mounted over NFS'),
  adAdminUser: inert('volumes are mounted over NFS'),
  sanType: inert('it is a setting of ontap-san'),
  useCHAP: inert('it is a setting of ontap-san'),
  chapUsername: inert('it is a setting of ontap-san'),
  chapInitiatorSecret: inert('it is a setting of ontap-san'),
  chapTargetUsername: inert('it is a setting of ontap-san'),
  chapTargetInitiatorSecret: inert('it is a setting of ontap-san'),
  gcnv: inert('volumes of Google Cloud NetApp Volumes are reached by their own API, not by ONTAP’s'),
} satisfies Readonly<Record<string, PropertySchema>>

/** Likewise of the drivers that have no FlexVols of several volumes. */
export const inertVolumes = {
  ...inertNas,
  limitVolumePoolSize: inert('it is a setting of the economy drivers; each volume is one of the array’s here'),
  denyNewVolumePools: inert('it is a setting of the economy drivers'),
  emptyFlexvolDeferredDeletePeriod: inert('it is a setting of the economy drivers'),
  qtreesPerFlexvol: inert('it is a setting of ontap-nas-economy'),
  qtreePruneFlexvolsPeriod: inert('it is a setting of ontap-nas-economy'),
  qtreeQuotaResizePeriod: inert('it is a setting of ontap-nas-economy'),
  lunsPerFlexvol: inert('it is a setting of ontap-san-economy'),
} satisfies Readonly<Record<string, PropertySchema>>

export const ANY_NETWORK = ['0.0.0.0/0', '::/0']

/** Settings of ontap-nas and ontap-nas-flexgroup. */
export interface VolumeSettings extends NasSettings, PoolSettings {}

export const volumeSettings: PropertySchemas<VolumeSettings> = {
  ...nasSettings,
  ...poolSettings({ ...nasOptions, ...inertNasDefaults }),
}

/** What the schema cannot see of the settings of a file server. */
function examineNas(settings: NasSettings, defaults: OptionTexts): readonly Remark[] {
  const { unixPermissions } = defaults
  const mode = unixPermissions === undefined ? 0 : parseMode(unixPermissions)
  return [
    ...fault('/managementLIF', () => void parseAddress(settings.managementLIF)),
    ...fault('/username', () => void credentialsOf(settings)),
    ...fault('/dataLIF', () => void (settings.dataLIF !== undefined && parseDataLif(settings.dataLIF))),
    ...fault('/nfsMountOptions', () => void parseNfsMountOptions(settings.nfsMountOptions)),
    ...(settings.autoExportCIDRs ?? []).flatMap((text, i) =>
      fault(`/autoExportCIDRs/${i}`, () => void parseNetwork(text)),
    ),
    ...(typeof mode === 'string' ? [wrongMode('/defaults/unixPermissions', mode)] : []),
  ]
}

/** Likewise with pools. */
export function examineVolumes(settings: VolumeSettings, defaults: OptionTexts): readonly Remark[] {
  const pools = (settings.storage ?? []).flatMap(({ defaults: own = {} }, i) => {
    const text = own['unixPermissions']
    const mode = text === undefined ? 0 : parseMode(String(text))
    return typeof mode === 'string' ? [wrongMode(`/storage/${i}/defaults/unixPermissions`, mode)] : []
  })
  return [...examineNas(settings, defaults), ...examinePools(settings), ...pools]
}

function wrongMode(path: string, why: string): Remark {
  return { level: 'error', path, sentence: `setting "unixPermissions" ${why}` }
}
