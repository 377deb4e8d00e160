/** Every call of REST that is made, and what for: what a role must allow. */

import type { Deed, RatedCall, Use } from '../rights.ts'

type Details = Pick<RatedCall, 'style' | 'without' | 'until'>

function rated(operation: string, why: string, deeds: readonly Deed[], details: Details = {}): RatedCall {
  const [method = '', path = ''] = operation.split(' ')
  return {
    operation,
    path: `/api${path.replace(/\{[^}]+\}/g, '*')}`,
    to: apiOf(path),
    use: USES[method] ?? 'run',
    deeds,
    why,
    ...details,
  }
}

const USES: Readonly<Record<string, Use>> = { GET: 'read', POST: 'create', PATCH: 'modify', DELETE: 'remove' }

/** Roles name collections, and are of no finer grain: `/api/storage/volumes` for `/storage/volumes/{uuid}`. */
function apiOf(path: string): string {
  return `/api${path.replace(/\/\{.*$/, '')}`
}

const JOBS: readonly Deed[] = [
  ...(['volumes.create', 'volumes.clone', 'volumes.change', 'volumes.remove'] as const),
  ...(['snapshots.create', 'snapshots.remove', 'snapshots.restore'] as const),
  ...(['qtrees.create', 'qtrees.changeMode', 'qtrees.rename'] as const),
  ...(['quotas.setTreeRule', 'quotas.removeTreeRule', 'quotas.apply', 'network.updateLoadSharing'] as const),
]

/** What it is like without them where the root volume of the SVM has load-sharing mirrors. Elsewhere nothing is missing. */
const UNSEEN = 'new volumes show late where the SVM’s root volume has load-sharing mirrors'
const NOT_UPDATED = 'no volume can be made where the SVM’s root volume has load-sharing mirrors'

export const REST_CALLS: readonly RatedCall[] = [
  rated('GET /cluster', 'tells the release of ONTAP', ['open']),
  rated('GET /cluster/jobs/{uuid}', 'tells when the array is done', JOBS),
  rated('GET /svm/svms', 'finds the SVM', ['open']),
  rated('GET /svm/svms/{uuid}', 'finds its aggregates and their room', ['aggregates.assigned', 'volumes.withPrefix']),
  rated('GET /storage/aggregates', 'tells how full aggregates are, for limitAggregateUsage', ['aggregates.usage']),
  rated('GET /network/ip/interfaces', 'finds the addresses that hosts mount from', ['network.nfsInterfaces']),
  rated('GET /private/cli/snapmirror', 'finds load-sharing mirrors', ['network.updateLoadSharing'], {
    without: UNSEEN,
  }),
  rated(
    'POST /private/cli/snapmirror/update-ls-set',
    'shows new volumes on load-sharing mirrors',
    ['network.updateLoadSharing'],
    { without: NOT_UPDATED },
  ),
  rated('POST /support/ems/application-logs', 'tells the event log who uses the array', ['events.log'], {
    without: 'the event log of the array does not tell who uses it',
  }),

  rated('GET /storage/volumes', 'finds volumes', [
    ...(['volumes.find', 'volumes.withPrefix', 'volumes.clonesOf', 'volumes.create', 'volumes.clone'] as const),
  ]),
  rated('POST /storage/volumes', 'makes volumes', ['volumes.create', 'volumes.clone']),
  rated('PATCH /storage/volumes/{uuid}', 'sets what volumes are like', [
    ...(['volumes.create', 'volumes.clone', 'volumes.change', 'volumes.split'] as const),
    ...(['snapshots.restore', 'quotas.apply'] as const),
  ]),
  rated('GET /storage/volumes/{uuid}', 'looks at a volume', ['volumes.split', 'quotas.apply']),
  rated('DELETE /storage/volumes/{uuid}', 'removes volumes', ['volumes.remove', 'volumes.purge', 'volumes.clone']),
  rated('PATCH /private/cli/volume', 'hides .snapshot', ['volumes.create', 'volumes.change'], { until: '9.13.1' }),

  rated('GET /storage/volumes/{volume.uuid}/snapshots', 'finds snapshots', ['snapshots.ofVolume', 'snapshots.remove']),
  rated('POST /storage/volumes/{volume.uuid}/snapshots', 'takes snapshots', ['snapshots.create']),
  rated('DELETE /storage/volumes/{volume.uuid}/snapshots/{uuid}', 'removes snapshots', ['snapshots.remove']),

  rated('GET /storage/qtrees', 'finds qtrees', [
    ...(['qtrees.named', 'qtrees.inVolumes', 'qtrees.changeMode', 'qtrees.rename', 'qtrees.remove'] as const),
  ]),
  rated('POST /storage/qtrees', 'makes qtrees', ['qtrees.create']),
  rated('PATCH /storage/qtrees/{volume.uuid}/{id}', 'sets what qtrees are like', [
    ...(['qtrees.changeMode', 'qtrees.rename'] as const),
  ]),
  rated('DELETE /storage/qtrees/{volume.uuid}/{id}', 'removes qtrees', ['qtrees.remove']),
  rated('GET /storage/quota/rules', 'finds quotas', [
    ...(['quotas.treeRules', 'quotas.setTreeRule', 'quotas.removeTreeRule'] as const),
  ]),
  rated('POST /storage/quota/rules', 'limits qtrees', ['quotas.setTreeRule']),
  rated('PATCH /storage/quota/rules/{uuid}', 'changes the limits of qtrees', ['quotas.setTreeRule']),
  rated('DELETE /storage/quota/rules/{uuid}', 'removes the limits of qtrees', ['quotas.removeTreeRule']),

  rated('GET /protocols/nfs/export-policies', 'finds export policies', [
    ...(['exports.rules', 'exports.addRule'] as const),
  ]),
  rated('POST /protocols/nfs/export-policies', 'makes an export policy', ['exports.createPolicy']),
  rated('GET /protocols/nfs/export-policies/{id}/rules', 'reads who may mount', ['exports.rules']),
  rated('POST /protocols/nfs/export-policies/{id}/rules', 'lets hosts mount', ['exports.addRule']),

  rated('GET /security/accounts', 'finds the role of a user', ['roles.ofUser']),
  rated('GET /security/roles/{owner.uuid}/{name}', 'reads what a role allows', ['roles.ofUser']),
]
