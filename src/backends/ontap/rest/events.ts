/** The event log of the array, by REST. */

import type { OntapEvents } from '../ontap.ts'
import type { RestClient } from './client.ts'

export function restEvents(client: RestClient): OntapEvents {
  return {
    async log(ctx, { computer, source, version, category, description }) {
      const body = {
        computer_name: computer,
        event_source: source,
        app_version: version,
        event_id: EVENT_ID,
        category,
        event_description: description,
        severity: 'notice',
        autosupport_required: false,
      }
      await client.change(ctx, { method: 'POST', path: '/support/ems/application-logs', body }, 'if-refused')
    },
  }
}

/** As nDVP wrote it. */
const EVENT_ID = 1
