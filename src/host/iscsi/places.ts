/** Where the kernel, udev and open-iscsi show themselves. Tests have a machine of their own. */
export interface Places {
  /** The kernel's sysfs: the source of every answer here, rather than what programs print. */
  readonly sys: string
  readonly dev: string
  /** Where open-iscsi keeps its node records: distributions differ, and each uses one. */
  readonly nodeRecords: readonly string[]
  readonly initiatorName: string
  readonly multipathdPid: string
  /** What udev knows of devices, a file each: `b8:0`. */
  readonly udevData: string
}

export const PLACES: Places = {
  sys: '/sys',
  dev: '/dev',
  nodeRecords: ['/etc/iscsi/nodes', '/var/lib/iscsi/nodes'],
  initiatorName: '/etc/iscsi/initiatorname.iscsi',
  multipathdPid: '/run/multipathd.pid',
  udevData: '/run/udev/data',
}

/** How long to wait for what. */
export interface Patience {
  readonly pollMs: number
  /** From a scan to the disk in sysfs. */
  readonly appearMs: number
  /** From there to its node in /dev. udev has been seen to take 40 s on a busy machine. */
  readonly nodeMs: number
  /** From a disk to its multipath map. */
  readonly mapMs: number
  /** From a change of size on the array to the same size on every path. */
  readonly sizeMs: number
  /** For a session that was lost to come back by itself. */
  readonly reconnectMs: number
  /** From removing a disk or map to its absence. */
  readonly vanishMs: number
}

export const PATIENCE: Patience = {
  pollMs: 100,
  appearMs: 30_000,
  nodeMs: 60_000,
  mapMs: 30_000,
  sizeMs: 20_000,
  reconnectMs: 10_000,
  vanishMs: 20_000,
}
