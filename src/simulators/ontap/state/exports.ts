/** Who may mount what. */

export interface ExportPolicy {
  /** Beyond 2^32, as arrays have them. */
  readonly id: number
  readonly svm: string
  readonly name: string
  readonly rules: readonly ExportRule[]
}

export interface ExportRule {
  /** From 1; gaps are kept. */
  readonly index: number
  readonly clients: readonly string[]
  /** `any`, `nfs`, `nfs3`, `nfs4`, `cifs`, `flexcache` */
  readonly protocols: readonly string[]
  /** `any`, `none`, `never`, `sys`, `krb5`, `krb5i`, `krb5p`, `ntlm` */
  readonly ro: readonly string[]
  readonly rw: readonly string[]
  readonly superuser: readonly string[]
  readonly anonymousUser: string
}
