import type { NewOntapVolume } from '../../../../src/backends/ontap/ontap.ts'
import { GIB } from '../../../../src/units.ts'

export const newVolume: NewOntapVolume = {
  name: 'v1',
  style: 'flexvol',
  aggregates: ['aggr1'],
  size: GIB,
  spaceGuarantee: 'none',
  snapshotPolicy: 'none',
  unixPermissions: 0o755,
  securityStyle: 'unix',
  exportPolicy: 'default',
  snapshotDirectory: true,
  junctionPath: '/v1',
  comment: 'made by a test',
}
