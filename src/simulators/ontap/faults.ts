/** Why an operation was refused, in the simulator's own words. Each face has a table of what it answers then. */

export type FaultKind =
  // names and values
  | 'bad-name'
  | 'name-too-long'
  | 'name-bad-start'
  | 'bad-value'
  | 'missing-value'
  | 'not-in-release'
  // things that are not there
  | 'no-svm'
  | 'no-volume'
  | 'no-aggregate'
  | 'no-snapshot'
  | 'no-snapshot-policy'
  | 'no-export-policy'
  | 'no-export-rule'
  | 'no-qos-policy'
  | 'no-qtree'
  | 'no-quota-rule'
  | 'no-parent'
  | 'no-mirrors'
  // things that are there already
  | 'volume-exists'
  | 'snapshot-exists'
  | 'qtree-exists'
  | 'quota-rule-exists'
  | 'export-policy-exists'
  | 'export-rule-exists'
  // room
  | 'too-small'
  | 'too-large'
  | 'no-space'
  | 'not-assigned'
  | 'no-aggregates'
  | 'one-aggregate'
  | 'volume-limit'
  | 'snapshot-limit'
  | 'qtree-limit'
  // what depends on it, or what state it is in
  | 'has-clones'
  | 'snapshot-busy'
  | 'is-root'
  | 'is-constituent'
  | 'not-read-write'
  | 'volume-offline'
  | 'volume-online'
  | 'volume-mounted'
  | 'not-mounted'
  | 'bad-junction'
  | 'junction-taken'
  | 'not-a-clone'
  | 'splitting'
  | 'not-splitting'
  | 'default-qtree'
  | 'quota-is-on'
  | 'quota-is-off'
  | 'quota-without-rules'
  | 'quota-changing'
  | 'export-policy-used'
  | 'export-policy-default'
  | 'bad-client-match'
  | 'mirrors-updating'
  | 'asked-for'
  | 'simulator'

/** Texts and numbers that a face may put in its message. */
export type FaultValues = Readonly<Record<string, string | number>>

export class ArrayFault extends Error {
  readonly kind: FaultKind
  readonly values: FaultValues

  constructor(kind: FaultKind, values: FaultValues = {}) {
    super(`${kind} ${JSON.stringify(values)}`)
    this.name = 'ArrayFault'
    this.kind = kind
    this.values = values
  }
}
