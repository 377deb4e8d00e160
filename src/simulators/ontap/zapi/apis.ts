/** Every API the array knows: where it is called, since when, with which inputs, and what it does. */

import type { Handler } from './call.ts'
import * as aggregates from './calls/aggregates.ts'
import * as clones from './calls/clones.ts'
import * as exports from './calls/exports.ts'
import * as flexgroups from './calls/flexgroups.ts'
import * as jobs from './calls/jobs.ts'
import * as mirrors from './calls/mirrors.ts'
import * as network from './calls/network.ts'
import * as qos from './calls/qos.ts'
import * as qtreeLists from './calls/qtree-list.ts'
import * as qtrees from './calls/qtrees.ts'
import * as quotas from './calls/quotas.ts'
import * as queue from './calls/recovery-queue.ts'
import * as security from './calls/security.ts'
import { getSnapshots } from './calls/snapshot-list.ts'
import * as snapshots from './calls/snapshots.ts'
import * as svms from './calls/svms.ts'
import * as system from './calls/system.ts'
import { getRootName, getVolumes } from './calls/volume-list.ts'
import { modify, modifyAsync } from './calls/volume-modify.ts'
import * as volumes from './calls/volumes.ts'
import { ITERATOR_INPUTS } from './iterators.ts'

/** An SVM, the cluster, or either. */
type Scope = 'svm' | 'cluster' | 'any'

export interface Api {
  readonly handler: Handler
  readonly scope: Scope
  /** The command that does the same, by which a role is judged; `show-ontapi` of roles tells it on an array. */
  readonly command: string
  readonly changes: boolean
  /** The inputs it takes, each with the release it came with. */
  readonly inputs: ReadonlyMap<string, string>
  /** The release it came with. */
  readonly since: string
  /** The release it came with for users of an SVM, where that was later. */
  readonly sinceForSvms: string
}

export function apiNamed(name: string): Api | undefined {
  return APIS.get(name)
}

/** Everything is at least as old as the oldest array here. */
const OLDEST = '8.3'

interface Details {
  readonly since?: string
  readonly sinceForSvms?: string
}

/** `inputs` are names, `@9.1` behind those that came later. */
function api(scope: Scope, changes: boolean) {
  return (command: string, handler: Handler, inputs = '', details: Details = {}): Api => {
    const { since = OLDEST, sinceForSvms = since } = details
    const words = inputs.split(' ').filter((word) => word !== '')
    return { handler, scope, command, changes, inputs: new Map(words.map(inputOf)), since, sinceForSvms }
  }
}

function inputOf(word: string): readonly [string, string] {
  const [name = '', since = OLDEST] = word.split('@')
  return [name, since]
}

const svmAsks = api('svm', false)
const svmChanges = api('svm', true)
const clusterAsks = api('cluster', false)
const anyAsks = api('any', false)
const anyChanges = api('any', true)

/** A list, in an SVM or over all of them. */
const lists = (command: string, handler: Handler, details?: Details) =>
  anyAsks(command, handler, ITERATOR_INPUTS, details)

const clusterLists = (command: string, handler: Handler) => clusterAsks(command, handler, ITERATOR_INPUTS)

/** Some are taken and make no difference here. */
const NEW_VOLUME = [
  'size space-reserve snapshot-policy unix-permissions export-policy volume-security-style junction-path',
  'junction-active is-junction-active percentage-snapshot-reserve volume-type volume-comment volume-state language-code',
  'user-id group-id efficiency-policy is-space-reporting-logical@9.5 is-space-enforcement-logical@9.5 space-slo@9.1',
  'qos-policy-group-name qos-adaptive-policy-group-name@9.3 encrypt@9.1 tiering-policy@9.2 vserver-dr-protection',
].join(' ')

/** Which release the junction of a clone came with is unsure. */
const NEW_CLONE = [
  'volume parent-volume parent-vserver parent-snapshot space-reserve qos-policy-group-name',
  'qos-adaptive-policy-group-name@9.3 use-snaprestore-license junction-path@9.3 junction-active@9.3 uid@9.3 gid@9.3',
  'vserver-dr-protection',
].join(' ')

const MODIFY =
  'query attributes max-records continue-on-failure max-failure-count return-success-list return-failure-list tag'

const RULE = 'volume qtree quota-target quota-type policy'
const LIMITS = 'disk-limit file-limit soft-disk-limit soft-file-limit threshold perform-user-mapping'

/** LUNs, igroups and iSCSI have their place here beside the volumes they are in. */
const APIS: ReadonlyMap<string, Api> = new Map(
  Object.entries({
    'system-get-ontapi-version': anyAsks('version', system.getOntapiVersion),
    'system-get-version': anyAsks('version', system.getVersion),
    'system-node-get-iter': clusterLists('system node show', system.getNodes),
    'ems-autosupport-log': anyChanges(
      'event generate-autosupport-log',
      system.logEvent,
      'computer-name event-id event-source app-version category event-description log-level auto-support',
    ),
    'job-get-iter': clusterLists('job show', jobs.getJobs),
    'security-login-get-iter': lists('security login show', security.getLogins),
    'security-login-role-get-iter': lists('security login role show', security.getRoles),

    'vserver-get-iter': lists('vserver show', svms.getSvms),
    'vserver-get': svmAsks('vserver show', svms.getSvm, 'desired-attributes'),
    'vserver-show-aggr-get-iter': anyAsks(
      'vserver show-aggregates',
      svms.getAssignedAggregates,
      `vserver ${ITERATOR_INPUTS}`,
      { sinceForSvms: '9.0' },
    ),
    'aggr-get-iter': clusterLists('storage aggregate show', aggregates.getAggregates),
    'aggr-space-get-iter': clusterLists('storage aggregate show-space', aggregates.getSpace),
    'net-interface-get-iter': lists('network interface show', network.getInterfaces),
    'nfs-service-get-iter': lists('vserver nfs show', network.getNfsServices),
    'qos-policy-group-get-iter': lists('qos policy-group show', qos.getPolicies),
    'qos-adaptive-policy-group-get-iter': lists('qos adaptive-policy-group show', qos.getAdaptivePolicies, {
      since: '9.3',
    }),

    'volume-create': svmChanges('volume create', volumes.create, `volume containing-aggr-name ${NEW_VOLUME}`),
    'volume-size': svmChanges('volume size', volumes.size, 'volume new-size'),
    'volume-get-iter': lists('volume show', getVolumes),
    'volume-get-root-name': svmAsks('volume show', getRootName),
    'volume-mount': svmChanges(
      'volume mount',
      volumes.mount,
      'volume-name junction-path activate-junction export-policy-override',
    ),
    'volume-unmount': svmChanges('volume unmount', volumes.unmount, 'volume-name force'),
    'volume-offline': svmChanges('volume offline', volumes.offline, 'name'),
    'volume-online': svmChanges('volume online', volumes.online, 'name'),
    'volume-destroy': svmChanges('volume destroy', volumes.destroy, 'name unmount-and-offline'),
    'volume-rename': svmChanges('volume rename', volumes.rename, 'volume new-volume-name'),
    'volume-modify-iter': svmChanges('volume modify', modify, MODIFY),
    'volume-recovery-queue-get-iter': lists('volume recovery-queue show', queue.getQueue),
    'volume-recovery-queue-purge': anyChanges('volume recovery-queue purge', queue.purge, 'volume-name vserver-name'),
    'volume-recovery-queue-recover': anyChanges(
      'volume recovery-queue recover',
      queue.recover,
      'volume-name vserver-name',
    ),

    'volume-create-async': svmChanges(
      'volume create',
      flexgroups.create,
      `volume-name containing-aggr-name aggr-list aggr-list-multiplier auto-provision-as ${NEW_VOLUME}`,
      { since: '9.2' },
    ),
    'volume-size-async': svmChanges('volume size', flexgroups.size, 'volume-name new-size', { since: '9.2' }),
    'volume-destroy-async': svmChanges('volume destroy', flexgroups.destroy, 'volume-name unmount-and-offline', {
      since: '9.2',
    }),
    'volume-modify-iter-async': svmChanges('volume modify', modifyAsync, MODIFY, { since: '9.2' }),

    'volume-clone-create': svmChanges('volume clone create', clones.create, NEW_CLONE),
    'volume-clone-create-async': svmChanges('volume clone create', clones.createAsync, NEW_CLONE, { since: '9.7' }),
    'volume-clone-get-iter': lists('volume clone show', clones.getClones),
    'volume-clone-split-start': svmChanges('volume clone split start', clones.split, 'volume'),
    'volume-clone-split-stop': svmChanges('volume clone split stop', clones.stop, 'volume'),
    'volume-clone-split-status': svmAsks('volume clone split show', clones.status, 'volume'),

    'snapshot-create': svmChanges(
      'volume snapshot create',
      snapshots.create,
      'volume snapshot async comment snapmirror-label',
    ),
    'snapshot-get-iter': lists('volume snapshot show', getSnapshots),
    'snapshot-delete': svmChanges('volume snapshot delete', snapshots.remove, 'volume snapshot ignore-owners'),
    'snapshot-rename': svmChanges('volume snapshot rename', snapshots.rename, 'volume current-name new-name'),
    'snapshot-restore-volume': svmChanges(
      'volume snapshot restore',
      snapshots.restore,
      'volume snapshot preserve-lun-ids force',
    ),

    'qtree-create': svmChanges(
      'volume qtree create',
      qtrees.create,
      'qtree volume mode security-style export-policy oplocks',
    ),
    'qtree-modify': svmChanges(
      'volume qtree modify',
      qtrees.modify,
      'qtree volume mode security-style export-policy oplocks',
    ),
    'qtree-rename': svmChanges('volume qtree rename', qtrees.rename, 'qtree new-qtree-name'),
    'qtree-delete-async': svmChanges('volume qtree delete', qtrees.remove, 'qtree force'),
    'qtree-list-iter': lists('volume qtree show', qtreeLists.getQtrees),

    'quota-set-entry': svmChanges('volume quota policy rule modify', quotas.setEntry, `${RULE} ${LIMITS}`),
    'quota-add-entry': svmChanges('volume quota policy rule create', quotas.addEntry, `${RULE} ${LIMITS}`),
    'quota-modify-entry': svmChanges('volume quota policy rule modify', quotas.modifyEntry, `${RULE} ${LIMITS}`),
    'quota-delete-entry': svmChanges('volume quota policy rule delete', quotas.deleteEntry, RULE),
    'quota-list-entries-iter': lists('volume quota policy rule show', qtreeLists.getQuotaRules),
    'quota-report-iter': lists('volume quota report', qtreeLists.getQuotaReport),
    'quota-on': svmChanges('volume quota on', quotas.on, 'volume'),
    'quota-off': svmChanges('volume quota off', quotas.off, 'volume'),
    'quota-resize': svmChanges('volume quota resize', quotas.resize, 'volume'),
    'quota-status': svmAsks('volume quota show', quotas.status, 'volume'),

    'export-policy-create': svmChanges(
      'vserver export-policy create',
      exports.createPolicy,
      'policy-name return-record',
    ),
    'export-policy-get': svmAsks('vserver export-policy show', exports.getPolicy, 'policy-name desired-attributes'),
    'export-policy-get-iter': lists('vserver export-policy show', exports.getPolicies),
    'export-policy-destroy': svmChanges('vserver export-policy delete', exports.destroyPolicy, 'policy-name'),
    'export-rule-create': svmChanges(
      'vserver export-policy rule create',
      exports.createRule,
      'policy-name client-match protocol ro-rule rw-rule super-user-security rule-index anonymous-user-id is-allow-set-uid-enabled is-allow-dev-is-enabled',
    ),
    'export-rule-get-iter': lists('vserver export-policy rule show', exports.getRules),
    'export-rule-destroy': svmChanges(
      'vserver export-policy rule delete',
      exports.destroyRule,
      'policy-name rule-index',
    ),

    'snapmirror-get-iter': lists('snapmirror show', mirrors.getRelationships),
    'snapmirror-update-ls-set': svmChanges(
      'snapmirror update-ls-set',
      mirrors.updateSet,
      'source-location source-vserver source-volume source-cluster',
    ),
  }),
)
