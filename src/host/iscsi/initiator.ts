/** The IQN by which targets know this machine. */

import { readFile } from 'node:fs/promises'
import { errnoOf, HostError, reasonOf } from '../../errors.ts'
import { PLACES } from './places.ts'

/**
 * The initiator's name; undefined where open-iscsi is not installed, or has not given itself one yet.
 *
 * @throws HostError STATE_UNREADABLE
 */
export async function readInitiatorName(path = PLACES.initiatorName): Promise<string | undefined> {
  try {
    return parseInitiatorName(await readFile(path, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw new HostError('STATE_UNREADABLE', `Cannot read the initiator's name in ${path}: ${reasonOf(error)}.`, {
      cause: error,
    })
  }
}

/**
 * Reads initiatorname.iscsi:
 *   ## comment
 *   InitiatorName=iqn.1993-08.org.debian:01:6ffbb4ee58a3
 *
 * Until its first start Debian's has `GenerateName=yes` instead. As iscsid does, takes the first name there is.
 */
export function parseInitiatorName(text: string): string | undefined {
  return /^[ \t]*InitiatorName[ \t]*=[ \t]*(\S+)/m.exec(text)?.[1]
}
