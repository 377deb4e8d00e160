/** The event log, which clients write to. */

import type { Reply } from '../../../server.ts'
import { writeLog } from '../../operations/events.ts'
import { now } from '../../state.ts'
import type { RestCall } from '../call.ts'
import { missing } from '../errors.ts'
import { atOnce } from '../writes.ts'

/** Answers `{}` with status 200: not 201, as other requests that make something. */
export function postEvent(call: RestCall): Promise<Reply> {
  const { array, body, caller } = call
  const needed = (name: string) => body.neededText(name)
  const eventId = body.number('event_id')
  if (eventId === undefined) throw missing('event_id')
  writeLog(array, {
    at: now(array),
    svm: call.svm?.uuid ?? caller.user.svm,
    computer: needed('computer_name'),
    source: needed('event_source'),
    version: needed('app_version'),
    category: needed('category'),
    description: needed('event_description'),
    eventId,
    severity: body.text('severity') ?? 'notice',
    autosupport: body.flag('autosupport_required') ?? false,
  })
  if (!call.query.ignoreUnknownFields) body.checkNothingElse()
  return atOnce(call, 200)
}
