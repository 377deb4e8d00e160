/** FlexVols of qtrees as nDVP and Trident leave them. */

import { createExportPolicy } from '../../../src/simulators/ontap/operations/exports.ts'
import { createQtree } from '../../../src/simulators/ontap/operations/qtrees.ts'
import { createQuotaRule, enforceRules } from '../../../src/simulators/ontap/operations/quotas.ts'
import { createVolume } from '../../../src/simulators/ontap/operations/volumes.ts'
import type { startOntapSimulator } from '../../../src/simulators/ontap/simulator.ts'

type Simulator = Awaited<ReturnType<typeof startOntapSimulator>>

const GIB = 1024 ** 3

/**
 * No comment, the array's own snapshot reserve, and a policy that lets every host pass.
 *
 * @param qtrees their quotas by name; undefined: none
 */
export async function addPool(
  { change, array }: Simulator,
  name: string,
  qtrees: Readonly<Record<string, number | undefined>>,
): Promise<void> {
  const svm = [...array.svms.values()].find((one) => one.name === 'svm1')!.uuid
  const exportPolicy = `${name.split('_')[0]}_qtree_pool_export_policy`
  await change(() => {
    if (![...array.exportPolicies.values()].some((policy) => policy.name === exportPolicy)) {
      createExportPolicy(array, svm, exportPolicy, [{ clients: ['0.0.0.0/0'], protocols: ['nfs'], superuser: ['any'] }])
    }
    const volume = createVolume(array, {
      svm,
      name,
      style: 'flexvol',
      aggregates: ['aggr1'],
      size: 2 * GIB,
      guarantee: 'none',
      snapshotPolicy: 'none',
      snapshotReserve: 5,
      snapshotDirectory: false,
      mode: 0o711,
      junction: `/${name}`,
      exportPolicy,
    })
    for (const [qtree, hardLimit] of Object.entries(qtrees)) {
      createQtree(array, volume.uuid, { name: qtree, mode: 0o777, exportPolicy: 'default' })
      if (hardLimit !== undefined) createQuotaRule(array, volume.uuid, { type: 'tree', qtree, target: '', hardLimit })
    }
    enforceRules(array, array.volumes.get(volume.uuid)!)
  })
}
