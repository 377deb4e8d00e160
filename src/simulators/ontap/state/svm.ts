/** SVMs, and what serves their clients. */

export interface Svm {
  readonly uuid: string
  readonly name: string
  /** The cluster itself is the one of type `admin`. */
  readonly type: 'data' | 'admin'
  readonly state: 'running' | 'stopped'
  /** UUID of the root volume; the admin SVM has none here. */
  readonly root?: string
  readonly nfs: NfsService
  /** Hours that a deleted volume stays; 0: not at all. */
  readonly retentionHours: number
  /** Most volumes it may have. */
  readonly maxVolumes?: number
  readonly language: string
  /** Present when its root volume has load-sharing mirrors. */
  readonly loadSharing?: LoadSharing
}

export interface NfsService {
  readonly enabled: boolean
  /** Of `3`, `4.0`, `4.1`. */
  readonly versions: readonly string[]
}

/** Clients see the namespace through the mirrors of the root volume, as of their last update. */
export interface LoadSharing {
  /** UUIDs of the mirrors. */
  readonly mirrors: readonly string[]
  /** When the update that is under way will be done. */
  readonly updatingUntil?: number
  readonly updatedAt: number
  /** Junctions as of the last update. */
  readonly shown: Readonly<Record<string, string>>
}

export interface Lif {
  readonly uuid: string
  readonly name: string
  /** UUID */
  readonly svm: string
  readonly address: string
  readonly prefixLength: number
  /** As REST names services: `data_nfs`, `data_iscsi`, `management_https`. */
  readonly services: readonly string[]
  readonly enabled: boolean
  readonly up: boolean
  readonly node: string
  readonly port: string
}
