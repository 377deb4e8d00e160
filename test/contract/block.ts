/** Publications of block devices, for tests that look at what only those have. */

import assert from 'node:assert/strict'
import type { BlockPublication, Publication } from '../../src/publication.ts'

export function block(publication: Publication): BlockPublication {
  assert.ok(publication.kind !== 'nfs', 'published is a file server, not a block device')
  return publication
}
