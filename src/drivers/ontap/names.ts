/** What ONTAP takes as the name of a volume: letters, digits and `_`, no digit first. */

import type { NameRule } from '../../names.ts'

export const FLEXVOL_NAMES: NameRule = {
  maxLength: 203,
  refused: /[^A-Za-z0-9_]/,
  substitute: '_',
  first: { refused: /^[0-9]/, lead: '_' },
}

export const FLEXGROUP_NAMES: NameRule = { ...FLEXVOL_NAMES, maxLength: 197 }

export { CLONE_IN_THE_MAKING } from '../../backends/ontap/clone-names.ts'

/** Volumes that hold qtrees as ontap-nas-economy keeps them: nDVP's names, and those of Trident outside Docker. */
export const QTREE_POOL = /^(?:ndvp|trident)_qtree_pool_/
