/** Failures of ONTAPI itself, before or beside what an operation of the array refuses. */

/** Becomes `<results status="failed" errno="…" reason="…">`. */
export class ApiFault extends Error {
  /** A number in digits, but for what the servlet says itself: `Not_Allowed`. */
  readonly errno: string

  constructor(errno: string, reason: string) {
    super(reason)
    this.name = 'ApiFault'
    this.errno = errno
  }
}

/** The catch-all; what it means stands in the reason. */
export const EAPIERROR = '13001'
export const EAPIPRIVILEGE = '13003'
export const EAPINOTFOUND = '13005'
export const EINVALIDINPUTERROR = '13115'
export const EVSERVERNOTFOUND = '15698'

export const noApi = (api: string) => new ApiFault(EAPINOTFOUND, `Unable to find API: ${api}`)

export const noPrivilege = (user: string, changes: boolean) =>
  new ApiFault(
    EAPIPRIVILEGE,
    `Insufficient privileges: user '${user}' does not have ${changes ? 'write' : 'read'} access to this resource`,
  )

export const noSvm = () => new ApiFault(EVSERVERNOTFOUND, 'Specified vserver not found')

/** Which errno comes with inputs that are too many or too few is unsure; clients know the number for bad values. */
export const extraInput = (name: string) => new ApiFault(EINVALIDINPUTERROR, `Extra input: ${name}`)

export const missingInput = (name: string) => new ApiFault(EINVALIDINPUTERROR, `Missing input: ${name}`)

export const invalidValue = (name: string, api: string, value: string) =>
  new ApiFault(EINVALIDINPUTERROR, `Invalid value specified for "${name}" element within "${api}": "${value}".`)
