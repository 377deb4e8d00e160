/** Qtrees and quotas as they are listed. */

import { qtreesOf } from '../../operations/find.ts'
import type { Qtree, QuotaRule } from '../../state/qtree.ts'
import type { Volume } from '../../state/volume.ts'
import type { OntapArray } from '../../state.ts'
import { type Answer, type Call, listing, svmName } from '../call.ts'
import { sortedBy } from '../iterators.ts'
import type { Shape } from '../records.ts'
import { liveVolumes } from './volume-list.ts'

/** A thing of a volume. */
interface Of<T> {
  readonly volume: Volume
  readonly it: T
}

/** qtree-list-iter. Every volume's nameless qtree is in it, whatever else it has. */
export function getQtrees(call: Call): Answer {
  const { array } = call
  const rows = liveVolumes(call).flatMap((volume) => qtreesOf(array, volume).map((it) => ({ volume, it })))
  const shape: Shape<Of<Qtree>> = {
    'export-policy': ({ volume, it }) => it.exportPolicy ?? volume.exportPolicy,
    id: ({ it }) => it.id,
    'is-export-policy-inherited': ({ it }) => it.exportPolicy === undefined,
    mode: ({ it }) => it.mode.toString(8),
    oplocks: ({ it }) => (it.oplocks ? 'enabled' : 'disabled'),
    qtree: ({ it }) => it.name,
    'security-style': ({ it }) => it.securityStyle,
    status: () => 'normal',
    volume: ({ volume }) => volume.name,
    vserver: ({ volume }) => svmName(array, volume.svm),
  }
  return listing(call, {
    record: 'qtree-info',
    shape,
    rows,
    keys: ({ volume, it }) => [volume.svm, volume.name, key(it.id)],
  })
}

/** quota-list-entries-iter: rules, whether they are enforced or not. */
export function getQuotaRules(call: Call): Answer {
  const { array } = call
  const rows = liveVolumes(call).flatMap((volume) =>
    (array.quotaRules.get(volume.uuid) ?? []).map((it) => ({ volume, it })),
  )
  const shape: Shape<Of<QuotaRule>> = {
    'disk-limit': ({ it }) => kilobytes(it.hardLimit),
    'file-limit': ({ it }) => it.fileHardLimit ?? NO_LIMIT,
    'perform-user-mapping': () => false,
    policy: () => 'default',
    qtree: ({ it }) => (it.type === 'tree' ? '' : it.qtree),
    'quota-target': ({ volume, it }) => targetOf(volume, it),
    'quota-type': ({ it }) => it.type,
    'soft-disk-limit': ({ it }) => kilobytes(it.softLimit),
    'soft-file-limit': ({ it }) => it.fileSoftLimit ?? NO_LIMIT,
    threshold: () => NO_LIMIT,
    volume: ({ volume }) => volume.name,
    vserver: ({ volume }) => svmName(array, volume.svm),
  }
  const keys = ({ volume, it }: Of<QuotaRule>) => [volume.svm, volume.name, it.type, targetOf(volume, it), it.qtree]
  return listing(call, { record: 'quota-entry', shape, rows: sortedBy(rows, keys), keys })
}

interface Report {
  readonly qtree: string
  readonly hardLimit: number
  readonly used: number
}

/** quota-report-iter: what is enforced, so nothing of volumes whose quotas are off. */
export function getQuotaReport(call: Call): Answer {
  const { array } = call
  const rows = liveVolumes(call).flatMap((volume) => reportOf(array, volume).map((it) => ({ volume, it })))
  const shape: Shape<Of<Report>> = {
    'disk-limit': ({ it }) => kilobytes(it.hardLimit),
    'disk-used': ({ it }) => Math.ceil(it.used / KIB),
    'disk-used-pct-disk-limit': ({ it }) => Math.floor((100 * it.used) / it.hardLimit),
    'file-limit': () => NO_LIMIT,
    'files-used': () => 1,
    'quota-target': ({ volume, it }) => `/vol/${volume.name}/${it.qtree}`,
    'quota-type': () => 'tree',
    'soft-disk-limit': () => NO_LIMIT,
    'soft-file-limit': () => NO_LIMIT,
    threshold: () => NO_LIMIT,
    tree: ({ it }) => it.qtree,
    volume: ({ volume }) => volume.name,
    vserver: ({ volume }) => svmName(array, volume.svm),
  }
  const keys = ({ volume, it }: Of<Report>) => [volume.svm, volume.name, it.qtree]
  return listing(call, { record: 'quota', shape, rows: sortedBy(rows, keys), keys })
}

/** As limits are written that are none. */
export const NO_LIMIT = '-'

export const KIB = 1024

/** Limits are in KB. */
function kilobytes(bytes: number | undefined): number | string {
  return bytes === undefined ? NO_LIMIT : Math.floor(bytes / KIB)
}

/** The path of a qtree; empty for the default rule. */
function targetOf({ name }: Volume, { type, qtree, target }: QuotaRule): string {
  if (type !== 'tree') return target
  return qtree === '' ? '' : `/vol/${name}/${qtree}`
}

function reportOf(array: OntapArray, volume: Volume): readonly Report[] {
  const qtrees = qtreesOf(array, volume)
  return volume.quota.enforced.flatMap(({ qtree, hardLimit }) => {
    const found = qtrees.find(({ id }) => id === qtree)
    return found ? [{ qtree: found.name, hardLimit, used: 0 }] : []
  })
}

/** So that texts are in the order of numbers. */
function key(id: number): string {
  return String(id).padStart(10, '0')
}
