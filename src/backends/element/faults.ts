/** The faults of Element by their names, which tell them apart (the numbers do not), in our words. One table. */

import { BackendError } from '../../errors.ts'
import { ALREADY_EXISTS, FULL, LATER, type Meaning, NOT_FOUND, REFUSED, TOO_OLD, UNSURE } from '../meaning.ts'
import type { Again } from '../repeat.ts'

type Code = BackendError['code']

/** The array refused a call, and gave the fault a name. */
export class ElementFault extends BackendError {
  /** Such as `xUnknownAccount`. */
  readonly fault: string
  readonly again: Again

  constructor(code: Code, message: string, fault: string, again: Again) {
    super(code, message)
    this.fault = fault
    this.again = again
  }
}

/** @param what such as `CreateVolume on 10.0.0.5:443` */
export function faultOf(what: string, name: string, words: string): ElementFault {
  const { code, again } = MEANINGS[name] ?? REFUSED
  const quoted = words.trim() === '' || words === name ? '' : `: "${words.slice(0, MOST_WORDS)}"`
  return new ElementFault(
    code,
    `The array refused ${what} with ${name}${quoted}. ${CURES[code] ?? ''}`.trim(),
    name,
    again,
  )
}

const MOST_WORDS = 500

/**
 * Faults that are not here are REFUSED.
 *
 * Which may pass by waiting is what OpenStack's driver and SolidFire's own tests repeat. Those of the cluster's database
 * and its internal calls come from the middle of the work, hence `unsure`.
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  xUnknownAccount: NOT_FOUND,
  xAccountIDDoesNotExist: NOT_FOUND,
  xVolumeIDDoesNotExist: NOT_FOUND,
  xSnapshotIDDoesNotExist: NOT_FOUND,
  xVolumeAccessGroupIDDoesNotExist: NOT_FOUND,
  xNotInVolumeAccessGroup: NOT_FOUND,
  xInitiatorDoesNotExist: NOT_FOUND,
  xQoSPolicyDoesNotExist: NOT_FOUND,
  xAsyncHandleDoesNotExist: NOT_FOUND,
  // What older versions say of an async handle.
  xDBNoSuchPath: NOT_FOUND,

  xDuplicateUsername: ALREADY_EXISTS,
  xAlreadyInVolumeAccessGroup: ALREADY_EXISTS,
  xInitiatorExists: ALREADY_EXISTS,

  xExceededLimit: FULL,

  xUnknownAPIMethod: TOO_OLD,
  xUnknownAPIVersion: TOO_OLD,
  xUnknownRPCMethod: TOO_OLD,

  // Also while the cluster's master moves.
  xPermissionDenied: { code: 'UNAUTHORIZED', again: 'briefly' },

  xMaxSnapshotsPerVolumeExceeded: FULL,
  xMaxSnapshotsPerNodeExceeded: FULL,
  xMaxClonesPerVolumeExceeded: LATER,
  xMaxClonesPerNodeExceeded: LATER,
  xSliceNotRegistered: LATER,
  xNotReadyForIO: LATER,
  xNotPrimary: LATER,
  xNoHandler: LATER,
  xSnapshotFailed: LATER,
  xDBVersionMismatch: LATER,

  xDBConnectionLoss: UNSURE,
  xDBOperationTimeout: UNSURE,
  xDBSessionExpired: UNSURE,
  xDBSessionMoved: UNSURE,
  xDBNoServerResponse: UNSURE,
  xDBClosing: UNSURE,
  xDBInvalidState: UNSURE,
  xRecvTimeout: UNSURE,
}

const CURES: Partial<Record<Code, string>> = {
  UNAUTHORIZED:
    'Give the cluster admin of the setting "Endpoint" access to volumes, accounts and the cluster\'s state.',
  FULL: 'Remove what is no longer needed, or see the limits of the cluster.',
  TOO_OLD: 'Use a version of Element that has it.',
  BUSY: 'Try again in a while.',
  REFUSED: "See the cluster's event log.",
}
