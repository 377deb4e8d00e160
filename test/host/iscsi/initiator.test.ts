import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasCode } from '../../../src/errors.ts'
import { parseInitiatorName, readInitiatorName } from '../../../src/host/iscsi/initiator.ts'
import { temporaryDirectory } from '../fakes.ts'

test("the initiator's name is the first there is, comments and blank lines aside", async (t) => {
  assert.equal(parseInitiatorName('## x\n#InitiatorName=iqn.old\n\nInitiatorName=iqn.a:b=c\n'), 'iqn.a:b=c')
  assert.equal(parseInitiatorName('GenerateName=yes\n'), undefined)
  const directory = await temporaryDirectory(t)
  assert.equal(await readInitiatorName(join(directory, 'none')), undefined)
  await assert.rejects(readInitiatorName(directory), (error) => hasCode(error, 'STATE_UNREADABLE'))
})
