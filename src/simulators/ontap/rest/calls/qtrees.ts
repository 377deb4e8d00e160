/** Qtrees. The nameless one of each volume is listed, too. */

import type { Reply } from '../../../server.ts'
import { defined } from '../../defined.ts'
import { qtreesOf, volumeNamed } from '../../operations/find.ts'
import { checkQtreeName } from '../../operations/names.ts'
import type { NewQtree, QtreeChange } from '../../operations/qtrees.ts'
import type { Qtree } from '../../state/qtree.ts'
import type { Volume } from '../../state/volume.ts'
import type { OntapArray } from '../../state.ts'
import { type RestCall, seenSvms, svmOf } from '../call.ts'
import { noSuchEntry, RestError } from '../errors.ts'
import { list, type Resource, show } from '../records.ts'
import { number, text } from '../shape.ts'
import { byJob } from '../writes.ts'
import { digitsOf, modeIn } from './modes.ts'
import { volumeAsked } from './volumes.ts'

const volumeOf = ({ volume }: Qtree, { volumes }: OntapArray) => volumes.get(volume)!

const QTREE: Resource<Qtree> = {
  keys: ['svm.name', 'svm.uuid', 'volume.name', 'volume.uuid', 'id', 'name'],
  orderOf: ({ volume, id }) => `${volume} ${String(id).padStart(4, '0')}`,
  pathOf: ({ volume, id }) => `/api/storage/qtrees/${volume}/${id}`,
  shape: {
    'svm.name': text((qtree, array) => array.svms.get(volumeOf(qtree, array).svm)?.name),
    'svm.uuid': text((qtree, array) => volumeOf(qtree, array).svm),
    'volume.name': text((qtree, array) => volumeOf(qtree, array).name),
    'volume.uuid': text(({ volume }) => volume),
    id: number(({ id }) => id),
    name: text(({ name }) => name),
    unix_permissions: number(({ mode }) => digitsOf(mode)),
    security_style: text(({ securityStyle }) => securityStyle),
    'export_policy.name': text((qtree, array) => qtree.exportPolicy ?? volumeOf(qtree, array).exportPolicy),
    path: text((qtree, array) => pathOf(qtree, volumeOf(qtree, array)), { since: '9.9.1' }),
    'nas.path': text((qtree, array) => pathOf(qtree, volumeOf(qtree, array)), { since: '9.10.1' }),
    'user.name': text(({ user }) => user, { since: '9.9.1' }),
    'group.name': text(({ group }) => group, { since: '9.9.1' }),
  },
}

export function listQtrees(call: RestCall): Reply {
  const seen = seenSvms(call)
  const volumes = call.array.volumes.all().filter((volume) => isListed(volume) && seen.has(volume.svm))
  const inOrder = [...volumes].sort((a, b) => (a.uuid < b.uuid ? -1 : 1))
  return list(
    call,
    QTREE,
    inOrder.flatMap((volume) => qtreesOf(call.array, volume)),
  )
}

/** @throws RestError 4 */
export function getQtree(call: RestCall): Reply {
  return show(call, QTREE, qtreeAsked(call))
}

/** Whether the name is free is found out by the job. */
export function postQtree(call: RestCall): Promise<Reply> {
  const { array, body } = call
  const svm = svmOf(call)
  const name = body.text('name')
  if (name === undefined) throw new RestError(400, 5_242_953, 'The name of the qtree is missing.', 'name')
  const volume = volumeIn(call, svm.uuid)
  const qtree: NewQtree = { name, ...settingsOf(call) }
  if (!call.query.ignoreUnknownFields) body.checkNothingElse()
  checkQtreeName(name)
  const location = `/api/storage/qtrees/?volume.name=${encodeURIComponent(volume.name)}&name=${encodeURIComponent(name)}`
  const records = call.query.returnRecords ? { num_records: 1, records: [echo(array, volume, name)] } : {}
  const work = { kind: 'create-qtree', volume: volume.uuid, qtree } as const
  return byJob(call, 'POST', { svm: svm.uuid, work, location, records, status: 201 })
}

export function patchQtree(call: RestCall): Promise<Reply> {
  const { body } = call
  const volume = volumeAsked(call)
  const { name } = named(qtreeAsked(call))
  const change: QtreeChange = { ...defined({ name: body.text('name') }), ...settingsOf(call) }
  if (!call.query.ignoreUnknownFields) body.checkNothingElse()
  const work = { kind: 'change-qtree', volume: volume.uuid, name, change } as const
  return byJob(call, 'PATCH', { svm: volume.svm, work, status: 200 })
}

/** However long a client waits, it is answered before the qtree is gone. */
export function deleteQtree(call: RestCall): Promise<Reply> {
  const volume = volumeAsked(call)
  const { name } = named(qtreeAsked(call))
  const work = { kind: 'delete-qtree', volume: volume.uuid, name } as const
  return byJob(call, 'DELETE', { svm: volume.svm, work, status: 200, background: true })
}

/** The volume that a body names. @throws RestError */
export function volumeIn({ array, body }: RestCall, svm: string): Volume {
  const [name, uuid] = [body.text('volume.name'), body.text('volume.uuid')]
  if (name === undefined && uuid === undefined) throw new RestError(400, 5_242_927, 'No volume was given.', 'volume')
  const byUuid = uuid === undefined ? undefined : array.volumes.get(uuid)
  return volumeNamed(array, svm, name ?? byUuid?.name ?? uuid!)
}

function settingsOf({ body }: RestCall): Omit<QtreeChange, 'name'> {
  return defined({
    mode: modeIn(body, 'unix_permissions'),
    securityStyle: body.oneOf('security_style', ['unix', 'ntfs', 'mixed']),
    exportPolicy: body.text('export_policy.name'),
    user: body.text('user.name'),
    group: body.text('group.name'),
  })
}

/** @throws RestError 5242894 for the nameless one */
function named(qtree: Qtree): Qtree {
  if (qtree.id !== 0) return qtree
  throw new RestError(400, 5_242_894, 'The default qtree cannot be made, changed or deleted.')
}

function qtreeAsked(call: RestCall): Qtree {
  const qtree = qtreesOf(call.array, volumeAsked(call)).find(({ id }) => String(id) === call.params[1])
  if (!qtree) throw noSuchEntry()
  return qtree
}

/** Only online volumes tell which qtrees they have. */
function isListed({ style, type, state }: Volume): boolean {
  return style !== 'constituent' && type === 'rw' && state === 'online'
}

function pathOf({ name }: Qtree, { junction }: Volume): string | undefined {
  if (junction === undefined) return undefined
  return name === '' ? junction : `${junction === '/' ? '' : junction}/${name}`
}

function echo({ svms }: OntapArray, volume: Volume, name: string) {
  return { name, volume: { name: volume.name }, svm: { name: svms.get(volume.svm)?.name } }
}
