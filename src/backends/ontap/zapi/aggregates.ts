/** Aggregates by ONTAPI: those an SVM may use, and, for the cluster's users, all with what is used of them. */

import type { Context } from '../../../context.ts'
import { hasCode } from '../../../errors.ts'
import type { Bytes } from '../../../units.ts'
import type { OntapAggregate, OntapAggregates } from '../ontap.ts'
import { atLeast } from '../releases.ts'
import type { Client } from './client.ts'
import { known, type XmlFields } from './fields.ts'

export function zapiAggregates(client: Client): OntapAggregates {
  return {
    async assigned(ctx) {
      if (!atLeast(client.release, '9.0')) return ofSvm(client, ctx)
      try {
        return await shown(client, ctx)
      } catch (error) {
        // Roles made for earlier releases lack it.
        if (!hasCode(error, 'UNAUTHORIZED')) throw error
        return ofSvm(client, ctx)
      }
    },

    usage: (ctx) =>
      client.list(
        ctx,
        {
          api: 'aggr-get-iter',
          row: 'aggr-attributes',
          scope: 'cluster',
          desired: { 'aggregate-name': '', 'aggr-space-attributes': { 'size-total': '', 'size-used': '' } },
        },
        (row) => {
          const space = row.fields('aggr-space-attributes')
          const [size, used] = [space.optionalBytes('size-total'), space.optionalBytes('size-used')]
          return { name: row.text('aggregate-name'), size: size ?? (0 as Bytes), used: used ?? (0 as Bytes) }
        },
      ),
  }
}

function shown(client: Client, ctx: Context): Promise<readonly OntapAggregate[]> {
  const listing = {
    api: 'vserver-show-aggr-get-iter',
    row: 'show-aggregates',
    desired: { 'aggregate-name': '', 'available-size': '' },
    more: { vserver: client.svm },
  }
  return client.list(ctx, listing, (row) => aggregateOf(row, 'aggregate-name', 'available-size'))
}

/** Since 8.3, but only the SVM's own record has it. */
async function ofSvm(client: Client, ctx: Context): Promise<readonly OntapAggregate[]> {
  const listing = {
    api: 'vserver-get-iter',
    row: 'vserver-info',
    desired: {
      'aggr-list': { 'aggr-name': '' },
      'vserver-aggr-info-list': { 'vserver-aggr-info': { 'aggr-availsize': '', 'aggr-name': '' } },
      'vserver-name': '',
    },
  }
  const [found = []] = await client.list(ctx, listing, (row) => {
    const sized = row
      .list('vserver-aggr-info-list', 'vserver-aggr-info')
      .map((aggregate) => aggregateOf(aggregate, 'aggr-name', 'aggr-availsize'))
    return sized.length > 0 ? sized : row.texts('aggr-list', 'aggr-name').map((name) => ({ name }))
  })
  return found
}

function aggregateOf(row: XmlFields, name: string, available: string): OntapAggregate {
  return { name: row.text(name), ...known({ available: row.optionalBytes(available) }) }
}
