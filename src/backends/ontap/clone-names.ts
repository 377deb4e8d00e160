/** What clones are called as long as they are in the making, over ZAPI. */

/** @param intent a UUID */
export function nameInTheMaking(intent: string): string {
  return `${LEAD}${intent.replaceAll('-', '').toLowerCase()}`
}

const LEAD = 'ndvp_clone_'

/** The names of all of them. */
export const CLONE_IN_THE_MAKING = new RegExp(`^${LEAD}[0-9a-f]{32}$`)
