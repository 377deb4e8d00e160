/** The array's event log by ONTAPI. */

import type { OntapEvents } from '../ontap.ts'
import type { Client } from './client.ts'

export function zapiEvents(client: Client): OntapEvents {
  return {
    async log(ctx, { computer, source, version, category, description }) {
      const input = {
        'computer-name': computer,
        'event-id': 1,
        'event-source': source,
        'app-version': version,
        category,
        'event-description': description,
        'log-level': NOTICE,
        'auto-support': false,
      }
      await client.run(ctx, { api: 'ems-autosupport-log', input }, 'if-refused')
    },
  }
}

const NOTICE = 5
