/** Which path is answered by what. */

import type { Handler } from './call.ts'
import { getAggregate, listAggregates } from './calls/aggregates.ts'
import { getCluster, getNode, listNodes } from './calls/cluster.ts'
import { postEvent } from './calls/events.ts'
import * as exports from './calls/exports.ts'
import { getJob, listJobs } from './calls/jobs.ts'
import { listRelationships } from './calls/mirrors.ts'
import { getInterface, listInterfaces } from './calls/network.ts'
import { listQosPolicies, listSnapshotPolicies } from './calls/policies.ts'
import * as cli from './calls/private-cli.ts'
import * as qtrees from './calls/qtrees.ts'
import * as quotas from './calls/quotas.ts'
import { getAccount, getRole, listAccounts, listRoles } from './calls/security.ts'
import * as snapshots from './calls/snapshots.ts'
import { getNfsService, getSvm, listNfsServices, listSvms } from './calls/svms.ts'
import { deleteVolume, getVolume, listVolumes, patchVolume, postVolume } from './calls/volumes.ts'

export interface Route {
  /** Without `/api`; parameters in braces. Counts and faults are kept by it. */
  readonly template: string
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'PATCH' | 'DELETE', Handler>>>
  /** Whether users of one SVM are refused. */
  readonly clusterOnly?: true
}

const POLICY = '/protocols/nfs/export-policies'

const ROUTES: readonly Route[] = [
  { template: '/cluster', methods: { GET: getCluster } },
  { template: '/cluster/nodes', methods: { GET: listNodes }, clusterOnly: true },
  { template: '/cluster/nodes/{uuid}', methods: { GET: getNode }, clusterOnly: true },
  { template: '/cluster/jobs', methods: { GET: listJobs } },
  { template: '/cluster/jobs/{uuid}', methods: { GET: getJob } },
  { template: '/svm/svms', methods: { GET: listSvms } },
  { template: '/svm/svms/{uuid}', methods: { GET: getSvm } },
  { template: '/storage/aggregates', methods: { GET: listAggregates }, clusterOnly: true },
  { template: '/storage/aggregates/{uuid}', methods: { GET: getAggregate }, clusterOnly: true },
  { template: '/network/ip/interfaces', methods: { GET: listInterfaces } },
  { template: '/network/ip/interfaces/{uuid}', methods: { GET: getInterface } },
  { template: '/protocols/nfs/services', methods: { GET: listNfsServices } },
  { template: '/protocols/nfs/services/{svm.uuid}', methods: { GET: getNfsService } },
  { template: '/support/ems/application-logs', methods: { POST: postEvent } },
  { template: '/storage/volumes', methods: { GET: listVolumes, POST: postVolume } },
  { template: '/storage/volumes/{uuid}', methods: { GET: getVolume, PATCH: patchVolume, DELETE: deleteVolume } },
  {
    template: '/storage/volumes/{volume.uuid}/snapshots',
    methods: { GET: snapshots.listSnapshots, POST: snapshots.postSnapshot },
  },
  {
    template: '/storage/volumes/{volume.uuid}/snapshots/{uuid}',
    methods: { GET: snapshots.getSnapshot, PATCH: snapshots.patchSnapshot, DELETE: snapshots.deleteSnapshot },
  },
  { template: '/storage/qtrees', methods: { GET: qtrees.listQtrees, POST: qtrees.postQtree } },
  {
    template: '/storage/qtrees/{volume.uuid}/{id}',
    methods: { GET: qtrees.getQtree, PATCH: qtrees.patchQtree, DELETE: qtrees.deleteQtree },
  },
  { template: '/storage/quota/rules', methods: { GET: quotas.listRules, POST: quotas.postRule } },
  {
    template: '/storage/quota/rules/{uuid}',
    methods: { GET: quotas.getRule, PATCH: quotas.patchRule, DELETE: quotas.deleteRule },
  },
  { template: '/storage/quota/reports', methods: { GET: quotas.listReports } },
  { template: '/storage/snapshot-policies', methods: { GET: listSnapshotPolicies } },
  { template: '/storage/qos/policies', methods: { GET: listQosPolicies } },
  { template: POLICY, methods: { GET: exports.listPolicies, POST: exports.postPolicy } },
  {
    template: `${POLICY}/{id}`,
    methods: { GET: exports.getPolicy, PATCH: exports.patchPolicy, DELETE: exports.deletePolicy },
  },
  { template: `${POLICY}/{policy.id}/rules`, methods: { GET: exports.listRules, POST: exports.postRule } },
  {
    template: `${POLICY}/{policy.id}/rules/{index}`,
    methods: { GET: exports.getRule, PATCH: exports.patchRule, DELETE: exports.deleteRule },
  },
  { template: '/snapmirror/relationships', methods: { GET: listRelationships } },
  { template: '/security/accounts', methods: { GET: listAccounts } },
  { template: '/security/accounts/{owner.uuid}/{name}', methods: { GET: getAccount } },
  { template: '/security/roles', methods: { GET: listRoles } },
  { template: '/security/roles/{owner.uuid}/{name}', methods: { GET: getRole } },
  { template: '/private/cli/volume', methods: { GET: cli.listCliVolumes, PATCH: cli.patchCliVolume } },
  { template: '/private/cli/volume/recovery-queue', methods: { GET: cli.listQueue } },
  { template: '/private/cli/volume/recovery-queue/purge', methods: { POST: cli.purgeQueued } },
  { template: '/private/cli/volume/recovery-queue/recover', methods: { POST: cli.recoverQueued } },
  { template: '/private/cli/snapmirror', methods: { GET: cli.listMirrors } },
  { template: '/private/cli/snapmirror/update-ls-set', methods: { POST: cli.updateMirrors } },
]

export interface Found {
  readonly route: Route
  /** What stands in place of the braces. */
  readonly params: readonly string[]
}

/** `/api/storage/volumes/UUID`, a slash behind it or not. */
export function routeOf(path: string): Found | undefined {
  const parts = path
    .replace(/^\/api/, '')
    .split('/')
    .filter((part) => part !== '')
  for (const [route, template] of PARTS) {
    if (template.length !== parts.length) continue
    const fits = template.every((part, index) => isParameter(part) || part === parts[index])
    if (fits) return { route, params: parts.filter((_, index) => isParameter(template[index]!)).map(decoded) }
  }
  return undefined
}

const PARTS = ROUTES.map((route) => [route, route.template.split('/').filter((part) => part !== '')] as const)

/** What cannot be decoded is nobody's name. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function isParameter(part: string): boolean {
  return part.startsWith('{')
}
