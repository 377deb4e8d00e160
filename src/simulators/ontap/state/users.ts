/** Who may log in, and what roles allow. */

export interface User {
  readonly name: string
  /** UUID of its SVM; that of the admin SVM for users of the cluster. */
  readonly svm: string
  /** Absent: by certificate only. */
  readonly password?: string
  /** PEM of its certificate, or of who issued it; the certificate's common name is then the user's. */
  readonly certificate?: string
  readonly role: string
}

/**
 * What a role allows, in both notations. The most exact entry counts; what none covers is denied.
 *
 * @see docs.netapp.com, "security login rest-role create" and "security login role create"
 */
export interface Role {
  readonly name: string
  /** UUID of its SVM. */
  readonly svm: string
  readonly rest: readonly RestRight[]
  readonly commands: readonly CommandRight[]
}

export type RestAccess = 'none' | 'readonly' | 'read_create' | 'read_modify' | 'read_create_modify' | 'all'

export interface RestRight {
  /** `/api/storage/volumes`; `*` stands for one part. Counts for what is below it, too. */
  readonly path: string
  readonly access: RestAccess
}

export interface CommandRight {
  /** `DEFAULT`, `volume`, `volume create`: ZAPI calls are judged by the command that does the same. */
  readonly command: string
  readonly access: 'none' | 'readonly' | 'all'
}
