import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NoAnswer, NotConnected, translate } from '../../src/backends/network-faults.ts'
import { BackendError } from '../../src/errors.ts'

const coded = (code: string, message = code) => Object.assign(new Error(message), { code })
const unconnected = (cause: unknown) => new NotConnected('no', { cause })

for (const [code, sentence] of [
  ['ECONNREFUSED', /refused\. Check the address and the port/],
  ['EHOSTUNREACH', /no route.*network/],
  ['UND_ERR_CONNECT_TIMEOUT', /in time.*firewalls/],
  ['ENOTFOUND', /not known to DNS.*resolv/],
  ['EAI_AGAIN', /DNS does not answer/],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', /no TLS.*TLS 1\.2/],
] as const) {
  test(`${code} is told in words and with what to check; the array never got the call`, () => {
    const fault = translate('ask 10.0.0.5:443 for ListVolumes', unconnected(coded(code)))
    assert.ok(fault instanceof NoAnswer)
    assert.deepEqual([fault.code, fault.mayBeDone], ['UNREACHABLE', false])
    assert.match(fault.message, /^Cannot ask 10\.0\.0\.5:443 for ListVolumes: /)
    assert.match(fault.message, sentence)
  })
}

test('of a name with several addresses, all of which refuse, the first one tells why', () => {
  const all = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')])
  assert.match(translate('ask', unconnected(all)).message, /refused/)
})

test('a fault nobody foresaw keeps its own words', () => {
  assert.match(translate('ask', new Error('the moon is full')).message, /Cannot ask: the moon is full\./)
})

test('what is a fault of the array’s already stays as it is', () => {
  const fault = new BackendError('MALFORMED', 'No.')
  assert.equal(translate('ask', fault), fault)
})
