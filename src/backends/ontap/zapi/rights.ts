/**
 * Every API of ONTAPI that is called, and what for: what a role must allow. Roles do not name APIs, but the commands that
 * do the same; on the array, `security login role show-ontapi -ontapi API` says which.
 */

import type { Deed, RatedCall } from '../rights.ts'

type Details = Pick<RatedCall, 'style' | 'without' | 'until'>

function rated(
  operation: string,
  command: string,
  why: string,
  deeds: readonly Deed[],
  details: Details = {},
): RatedCall {
  const use = /(?:^version|\bshow(?:-\w+)?)$/.test(command) ? 'read' : 'run'
  return { operation, path: command, to: command, use, deeds, why, ...details }
}

/** `"volume create" -access all (API volume-create)`, to be put behind `-cmddirname`. */
export function rightFor(api: string): string {
  const call = ZAPI_CALLS.find(({ operation }) => operation === api)
  if (call === undefined) return `to the API ${api}`
  return `-cmddirname "${call.to}" -access ${call.use === 'read' ? 'readonly' : 'all'} (API ${api})`
}

/** Of a FlexVol, and of a FlexGroup, which has its own calls. */
const FLEXVOL = { style: 'flexvol' } as const
const FLEXGROUP = { style: 'flexgroup' } as const

/** What it is like without them where the root volume of the SVM has load-sharing mirrors. Elsewhere nothing is missing. */
const UNSEEN = { without: 'new volumes show late where the SVM’s root volume has load-sharing mirrors' }
const NOT_UPDATED = { without: 'no volume can be made where the SVM’s root volume has load-sharing mirrors' }

const JOBS = { without: 'what they are to bring about is looked at instead' }

const NOT_PUT_BACK = { without: 'a volume that the array refuses to remove stays offline' }

const LOOKED_AT: readonly Deed[] = [
  ...(['volumes.find', 'volumes.withPrefix', 'volumes.clonesOf', 'volumes.create', 'volumes.clone'] as const),
  ...(['volumes.change', 'volumes.remove', 'volumes.purge', 'snapshots.ofVolume'] as const),
]
const SET: readonly Deed[] = ['volumes.create', 'volumes.clone', 'volumes.change']
const REMOVED: readonly Deed[] = ['volumes.remove', 'volumes.purge', 'volumes.clone']

export const ZAPI_CALLS: readonly RatedCall[] = [
  rated('system-get-version', 'version', 'tells the release of ONTAP', ['open']),
  rated('system-get-ontapi-version', 'version', 'tells the release of ONTAP', ['open']),
  rated('vserver-get-iter', 'vserver show', 'finds the SVM', ['open', 'aggregates.assigned']),
  rated(
    'vserver-show-aggr-get-iter',
    'vserver show-aggregates',
    'finds its aggregates and their room',
    ['aggregates.assigned'],
    { without: 'that is asked for in another way, with one more call' },
  ),
  rated('aggr-get-iter', 'storage aggregate show', 'tells how full aggregates are, for limitAggregateUsage', [
    'aggregates.usage',
  ]),
  rated('net-interface-get-iter', 'network interface show', 'finds the addresses that hosts mount from', [
    'network.nfsInterfaces',
  ]),
  rated('snapmirror-get-iter', 'snapmirror show', 'finds load-sharing mirrors', ['network.updateLoadSharing'], UNSEEN),
  rated(
    'snapmirror-update-ls-set',
    'snapmirror update-ls-set',
    'shows new volumes on load-sharing mirrors',
    ['network.updateLoadSharing'],
    NOT_UPDATED,
  ),
  rated(
    'ems-autosupport-log',
    'event generate-autosupport-log',
    'tells the event log who uses the array',
    ['events.log'],
    { without: 'the event log of the array does not tell who uses it' },
  ),

  rated('volume-get-iter', 'volume show', 'finds volumes', LOOKED_AT),
  rated('volume-create', 'volume create', 'makes volumes', ['volumes.create'], FLEXVOL),
  rated('volume-create-async', 'volume create', 'makes volumes', ['volumes.create'], FLEXGROUP),
  rated('job-get-iter', 'job show', 'tells when the array is done', [...SET, ...REMOVED], { ...FLEXGROUP, ...JOBS }),
  rated('job-get-iter', 'job show', 'tells when the array is done', ['quotas.apply'], { ...FLEXVOL, ...JOBS }),
  rated('volume-modify-iter', 'volume modify', 'sets what volumes are like', SET, FLEXVOL),
  rated('volume-modify-iter-async', 'volume modify', 'sets what volumes are like', SET, FLEXGROUP),
  rated('volume-size', 'volume size', 'grows volumes', ['volumes.change'], FLEXVOL),
  rated('volume-size-async', 'volume size', 'grows volumes', ['volumes.change'], FLEXGROUP),
  rated('volume-mount', 'volume mount', 'shows volumes to hosts', ['volumes.clone', 'volumes.change']),
  rated('volume-mount', 'volume mount', 'puts back what could not be removed', ['volumes.remove', 'volumes.purge'], {
    ...FLEXGROUP,
    ...NOT_PUT_BACK,
  }),
  rated('volume-unmount', 'volume unmount', 'hides volumes from hosts', REMOVED, FLEXGROUP),
  rated('volume-rename', 'volume rename', 'gives clones their names', ['volumes.clone'], FLEXVOL),
  rated('volume-online', 'volume online', 'puts back what could not be removed', REMOVED, {
    ...FLEXGROUP,
    ...NOT_PUT_BACK,
  }),
  rated('volume-offline', 'volume offline', 'removes volumes', REMOVED, FLEXGROUP),
  rated('volume-destroy', 'volume destroy', 'removes volumes', REMOVED, FLEXVOL),
  rated('volume-destroy-async', 'volume destroy', 'removes volumes', REMOVED, FLEXGROUP),
  rated(
    'volume-recovery-queue-purge',
    'volume recovery-queue purge',
    'removes volumes for good (a command of privilege level diagnostic)',
    ['volumes.purge'],
    { without: 'the array keeps deleted volumes in its recovery queue for 12 hours' },
  ),
  rated('volume-clone-create', 'volume clone create', 'clones volumes', ['volumes.clone'], FLEXVOL),
  rated('volume-clone-create-async', 'volume clone create', 'clones volumes', ['volumes.clone'], FLEXGROUP),
  rated('volume-clone-split-start', 'volume clone split start', 'makes clones independent', ['volumes.split']),

  rated('snapshot-get-iter', 'volume snapshot show', 'finds snapshots', ['snapshots.ofVolume']),
  rated('snapshot-create', 'volume snapshot create', 'takes snapshots', ['snapshots.create']),
  rated('snapshot-delete', 'volume snapshot delete', 'removes snapshots', ['snapshots.remove']),
  rated('snapshot-restore-volume', 'volume snapshot restore', 'restores snapshots', ['snapshots.restore']),

  rated('qtree-list-iter', 'volume qtree show', 'finds qtrees', ['qtrees.named', 'qtrees.inVolumes']),
  rated('qtree-create', 'volume qtree create', 'makes qtrees', ['qtrees.create']),
  rated('qtree-modify', 'volume qtree modify', 'sets what qtrees are like', ['qtrees.changeMode']),
  rated('qtree-rename', 'volume qtree rename', 'renames qtrees that are about to go', ['qtrees.rename']),
  rated('qtree-delete-async', 'volume qtree delete', 'removes qtrees', ['qtrees.remove']),
  rated('quota-list-entries-iter', 'volume quota policy rule show', 'finds quotas', ['quotas.treeRules']),
  rated('quota-set-entry', 'volume quota policy rule modify', 'limits qtrees', ['quotas.setTreeRule']),
  rated('quota-delete-entry', 'volume quota policy rule delete', 'removes the limits of qtrees', [
    'quotas.removeTreeRule',
  ]),
  rated('quota-status', 'volume quota show', 'tells whether quotas are on', ['quotas.apply']),
  rated('quota-on', 'volume quota on', 'switches quotas on', ['quotas.apply']),
  rated('quota-resize', 'volume quota resize', 'makes changed limits count', ['quotas.apply']),

  rated('export-policy-get-iter', 'vserver export-policy show', 'finds export policies', ['exports.rules']),
  rated('export-policy-create', 'vserver export-policy create', 'makes an export policy', ['exports.createPolicy']),
  rated('export-rule-get-iter', 'vserver export-policy rule show', 'reads who may mount', ['exports.rules']),
  rated('export-rule-create', 'vserver export-policy rule create', 'lets hosts mount', ['exports.addRule']),

  rated('security-login-get-iter', 'security login show', 'finds the role of a user', ['roles.ofUser']),
  rated('security-login-role-get-iter', 'security login role show', 'reads what a role allows', ['roles.ofUser']),
]
