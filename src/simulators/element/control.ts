/** What only this array's door for tests has. */

import { type Door, numberOf } from '../control.ts'
import type { ElementSimulator } from './simulator.ts'
import { saved } from './state.ts'

/**
 * | Request | Body | Does, and answers |
 * |---|---|---|
 * | GET state | | the array, secrets too |
 * | POST portal | `{"enabled": false}` | with a data plane: whether the targets answer |
 * | POST drop-sessions | `{"volumeID": 5}` | with a data plane: ends that volume's sessions |
 *
 * @see ../control.ts for those that every array has
 */
export const DOORS: Readonly<Record<string, Door<ElementSimulator>>> = {
  'GET state': (simulator) => saved(simulator.array),
  'POST portal': (simulator, { enabled }) => simulator.setPortal(enabled !== false),
  'POST drop-sessions': (simulator, { volumeID }) => simulator.dropSessions(numberOf('volumeID', volumeID)),
}
