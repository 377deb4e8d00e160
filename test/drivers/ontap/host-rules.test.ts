import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ontap } from '../../../src/backends/ontap/ontap.ts'
import { HostRules } from '../../../src/drivers/ontap/host-rules.ts'
import { ctx } from './svm.ts'

const host = { name: 'h', addresses: ['10.0.0.7', '2001:db8::7'] }

for (const [what, networks] of [
  ['no list', undefined],
  ['an empty list', []],
] as const) {
  test(`with ${what} of networks every address of a host gets a rule`, async (t) => {
    const addRule = t.mock.fn(async (..._: readonly unknown[]) => {})
    const exports = { rules: async () => [], addRule }
    await new HostRules({ exports } as unknown as Ontap, 'policy', networks).admit(ctx, host)
    const added = addRule.mock.calls.map(({ arguments: [, , address] }) => address)
    assert.deepEqual(added, host.addresses)
  })
}
