/** Making, changing and deleting qtrees. */

import { defined } from '../../defined.ts'
import { qtreeNamed, volumeNamed } from '../../operations/find.ts'
import { changeQtree, createQtree, type NewQtree } from '../../operations/qtrees.ts'
import { type Answer, type Call, svmOf } from '../call.ts'
import { ApiFault, EAPIERROR } from '../errors.ts'
import type { Input } from '../input.ts'
import { modeOf } from '../modes.ts'
import { inJob } from './jobs.ts'
import { named } from './volumes.ts'

/** qtree-create. */
export function create(call: Call): Answer {
  createQtree(call.array, named(call, 'volume').uuid, { name: call.input.text('qtree'), ...settingsOf(call.input) })
}

/** qtree-modify. */
export function modify(call: Call): Answer {
  changeQtree(call.array, named(call, 'volume').uuid, call.input.text('qtree'), settingsOf(call.input))
}

/** qtree-rename. Both names are full paths in the same volume. */
export function rename(call: Call): Answer {
  const { array, input } = call
  const [from, to] = [input.qtreePath('qtree'), input.qtreePath('new-qtree-name')]
  if (from.volume !== to.volume) throw new ApiFault(EAPIERROR, 'A qtree can be renamed within its volume only.')
  const volume = volumeNamed(array, svmOf(call).uuid, from.volume)
  changeQtree(array, volume.uuid, from.qtree, { name: to.qtree })
}

/** qtree-delete-async, by its full path. */
export function remove(call: Call): Answer {
  const { array, input } = call
  const { volume: name, qtree } = input.qtreePath('qtree')
  const volume = volumeNamed(array, svmOf(call).uuid, name)
  qtreeNamed(array, volume, qtree)
  return inJob(call, { kind: 'delete-qtree', volume: volume.uuid, name: qtree })
}

function settingsOf(input: Input): Partial<NewQtree> {
  const oplocks = input.optionalChoice('oplocks', ['enabled', 'disabled'])
  return defined({
    mode: input.has('mode') ? modeOf(input, 'mode') : undefined,
    securityStyle: input.optionalChoice('security-style', ['unix', 'ntfs', 'mixed']),
    exportPolicy: input.optionalText('export-policy'),
    oplocks: oplocks === undefined ? undefined : oplocks === 'enabled',
  })
}
