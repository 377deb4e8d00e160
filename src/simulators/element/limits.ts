/**
 * What an Element array can take, as GetLimits tells it.
 *
 * @see docs.netapp.com/us-en/element-software/api/reference_element_api_getlimits.html
 */

export const LIMITS = {
  accountCountMax: 5000,
  accountNameLengthMax: 64,
  accountNameLengthMin: 1,
  backupTargetNameLengthMax: 64,
  backupTargetNameLengthMin: 1,
  bulkVolumeJobsPerNodeMax: 8,
  bulkVolumeJobsPerVolumeMax: 2,
  chapCredentialsCountMax: 15_000,
  cloneJobsPerNodeMax: 8,
  cloneJobsPerVirtualVolumeMax: 8,
  cloneJobsPerVolumeMax: 2,
  clusterAdminAccountMax: 5000,
  clusterAdminInfoNameLengthMax: 1024,
  clusterAdminInfoNameLengthMin: 1,
  clusterPairsCountMax: 4,
  fibreChannelVolumeAccessMax: 16_384,
  initiatorAliasLengthMax: 224,
  initiatorCountMax: 10_000,
  initiatorNameLengthMax: 224,
  initiatorsPerVolumeAccessGroupCountMax: 128,
  iscsiSessionsFromFibreChannelNodesMax: 4096,
  maxAuthSessionsForCluster: 1024,
  maxAuthSessionsPerUser: 1024,
  nodesPerClusterCountMax: 100,
  nodesPerClusterCountMin: 3,
  qosPolicyCountMax: 500,
  qosPolicyNameLengthMax: 64,
  qosPolicyNameLengthMin: 1,
  scheduleNameLengthMax: 244,
  secretLengthMax: 16,
  secretLengthMin: 12,
  snapshotNameLengthMax: 255,
  snapshotsPerVolumeMax: 32,
  virtualVolumeCountMax: 8000,
  virtualVolumesPerAccountCountMax: 10_000,
  volumeAccessGroupCountMax: 1000,
  volumeAccessGroupLunMax: 16_383,
  volumeAccessGroupNameLengthMax: 64,
  volumeAccessGroupNameLengthMin: 1,
  volumeAccessGroupsPerInitiatorCountMax: 1,
  volumeAccessGroupsPerVolumeCountMax: 64,
  volumeBurstIOPSMax: 200_000,
  volumeBurstIOPSMin: 100,
  volumeCountMax: 4000,
  volumeMaxIOPSMax: 200_000,
  volumeMaxIOPSMin: 100,
  volumeMinIOPSMax: 15_000,
  volumeMinIOPSMin: 50,
  volumeNameLengthMax: 64,
  volumeNameLengthMin: 1,
  volumeSizeMax: 17_592_186_044_416,
  volumeSizeMin: 1_000_000_000,
  volumesPerAccountCountMax: 2000,
  volumesPerGroupSnapshotMax: 32,
  volumesPerVolumeAccessGroupCountMax: 2000,
}

export type Limits = Readonly<typeof LIMITS>

/** Sizes are rounded up to a multiple of this. */
export const SIZE_STEP = 1_048_576

/** How long a deleted volume can be restored: 8 hours. */
export const RECOVERABLE_MS = 8 * 3_600_000

/** JSON of attributes, in bytes. */
export const LARGEST_ATTRIBUTES = 1000

/** Most volumes of one reply, and what a reply without a limit has. */
export const VOLUMES_PER_REPLY = 10_000
