/** Making, deleting and going back to snapshots. */

import { defined } from '../../defined.ts'
import { createSnapshot, deleteSnapshot, renameSnapshot, restoreSnapshot } from '../../operations/snapshots.ts'
import type { Answer, Call } from '../call.ts'
import { named } from './volumes.ts'

/** snapshot-create. */
export function create(call: Call): Answer {
  const { array, input } = call
  createSnapshot(array, named(call, 'volume').uuid, {
    name: input.text('snapshot'),
    ...defined({ comment: input.optionalText('comment'), mirrorLabel: input.optionalText('snapmirror-label') }),
  })
}

/** snapshot-delete. Owners that are clones count even when owners are to be ignored. */
export function remove(call: Call): Answer {
  deleteSnapshot(call.array, named(call, 'volume').uuid, call.input.text('snapshot'))
}

/** snapshot-rename. */
export function rename(call: Call): Answer {
  const { array, input } = call
  renameSnapshot(array, named(call, 'volume').uuid, input.text('current-name'), input.text('new-name'))
}

/** snapshot-restore-volume. */
export function restore(call: Call): Answer {
  restoreSnapshot(call.array, named(call, 'volume').uuid, call.input.text('snapshot'))
}
