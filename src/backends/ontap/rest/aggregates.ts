/** Aggregates, by REST. */

import { BackendError } from '../../../errors.ts'
import type { Fields } from '../../fields.ts'
import type { OntapAggregate, OntapAggregates, OntapAggregateUsage, OntapSvm } from '../ontap.ts'
import type { Call } from './call.ts'
import type { RestClient } from './client.ts'
import { rightFor } from './faults.ts'
import { bytesIn } from './maybe.ts'

const AGGREGATES = '/storage/aggregates'

export function restAggregates(client: RestClient, svm: OntapSvm): OntapAggregates {
  return {
    assigned(ctx) {
      const call: Call = {
        method: 'GET',
        path: '/svm/svms/{uuid}',
        keys: { uuid: svm.uuid },
        query: { fields: 'aggregates.name,aggregates.available_size' },
      }
      return client.object(ctx, call, (row) => (row.has('aggregates') ? row.list('aggregates', readAssigned) : []))
    },

    async usage(ctx) {
      const query = { fields: 'space.block_storage.size,space.block_storage.used' }
      const rows = await client.records(ctx, { method: 'GET', path: AGGREGATES, query }, readUsage)
      if (rows.length > 0) return rows
      throw new BackendError(
        'UNAUTHORIZED',
        `The array ${client.address} shows no aggregates to this user, as is usual for users of an SVM. ${rightFor({ method: 'GET', path: AGGREGATES })}`,
      )
    },
  }
}

function readAssigned(row: Fields): OntapAggregate {
  const available = bytesIn(row, 'available_size')
  return { name: row.text('name'), ...(available !== undefined && { available }) }
}

/** Those that are offline show no space. */
function readUsage(row: Fields): OntapAggregateUsage | undefined {
  if (!row.has('space') || !row.fields('space').has('block_storage')) return undefined
  const space = row.fields('space').fields('block_storage')
  return { name: row.text('name'), size: space.bytes('size'), used: space.bytes('used') }
}
