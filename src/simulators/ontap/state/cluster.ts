/** What the cluster has, and lends to its SVMs. */

export interface Node {
  readonly name: string
  readonly uuid: string
  readonly serial: string
  readonly model: string
}

export interface Aggregate {
  readonly name: string
  readonly uuid: string
  /** Name of its node. */
  readonly node: string
  readonly size: number
  /** What others than the volumes here take of it. */
  readonly otherUsed: number
  readonly diskType: 'ssd' | 'ssd_nvm' | 'sas' | 'fsas' | 'vmdisk'
  /** UUIDs of the SVMs it is delegated to. */
  readonly svms: readonly string[]
  readonly canEncrypt: boolean
}

export interface SnapshotPolicy {
  readonly name: string
  readonly uuid: string
  /** Percent that a volume made with this policy reserves unless told. */
  readonly reserve: number
}

export interface QosPolicy {
  readonly name: string
  readonly uuid: string
  readonly svm: string
  readonly adaptive: boolean
}
