/** What ONTAP takes as the name of a qtree. Nothing beside a qtree could keep its Docker name: so it has to be the name. */

import type { NameRule } from '../../names.ts'

export const QTREE_NAMES: NameRule = {
  maxLength: 64,
  refused: /[^A-Za-z0-9_.-]/,
  substitute: '_',
  overlong: 'refuse',
}
