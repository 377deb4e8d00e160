/** Qtrees, and quotas: what rules say, and what of them is enforced. */

export interface Qtree {
  /** 0 is the nameless one every volume has. */
  readonly id: number
  readonly name: string
  /** UUID of its volume. */
  readonly volume: string
  readonly mode: number
  readonly securityStyle: 'unix' | 'ntfs' | 'mixed'
  /** Absent: the volume's. */
  readonly exportPolicy?: string
  readonly oplocks: boolean
  readonly user?: string
  readonly group?: string
}

export interface QuotaRule {
  readonly uuid: string
  /** UUID */
  readonly volume: string
  readonly type: 'tree' | 'user' | 'group'
  /** Of a tree rule: the qtree it limits, empty for the default. Of others: the qtree it counts in. */
  readonly qtree: string
  /** User or group; empty for the default, and for tree rules. */
  readonly target: string
  /** Bytes; absent: no limit. */
  readonly hardLimit?: number
  readonly softLimit?: number
  readonly fileHardLimit?: number
  readonly fileSoftLimit?: number
}

export interface Quota {
  readonly state: 'off' | 'initializing' | 'on' | 'resizing'
  /** When `initializing` or `resizing` will be over. */
  readonly until?: number
  /** What is enforced now: rules as they were when quotas were last switched on or resized. By qtree ID. */
  readonly enforced: readonly { readonly qtree: number; readonly hardLimit: number }[]
}
