import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { CLONE_IN_THE_MAKING, nameInTheMaking } from '../../../src/backends/ontap/clone-names.ts'

test('a clone in the making is known by its name, whatever its intent; a clone that is called alike is not', () => {
  const intent = randomUUID()
  assert.match(nameInTheMaking(intent), CLONE_IN_THE_MAKING)
  assert.equal(nameInTheMaking(intent.toUpperCase()), nameInTheMaking(intent))
  for (const name of ['ndvp_clone_of_mine', `${nameInTheMaking(intent)}_2`, `x${nameInTheMaking(intent)}`]) {
    assert.doesNotMatch(name, CLONE_IN_THE_MAKING)
  }
})
