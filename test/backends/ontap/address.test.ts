import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '../../../src/backends/ontap/address.ts'
import { openOntap } from '../../../src/backends/ontap/connect.ts'
import { temporaryDirectory } from '../../host/fakes.ts'
import { say, tlsServer } from '../tls-server.ts'
import { settingsFor } from './rest/arrays.ts'

test('a management LIF may be a name, IPv4 or IPv6, and have a port', () => {
  for (const [text, host] of [
    ['10.0.0.5', '10.0.0.5'],
    [' 10.0.0.5:8443 ', '10.0.0.5:8443'],
    ['svm1', 'svm1'],
    ['svm1.Storage.example.', 'svm1.Storage.example.'],
    ['svm_1.example:443', 'svm_1.example:443'],
    ['2001:db8::5', '[2001:db8::5]'],
    ['[2001:db8::5]', '[2001:db8::5]'],
    ['[2001:db8::5]:8443', '[2001:db8::5]:8443'],
    ['::1', '[::1]'],
  ] as const) {
    assert.equal(parseAddress(text), `https://${host}`)
    assert.ok(URL.canParse(`https://${host}`))
  }
})

test('what is no address is a fault of the config that says what belongs there', () => {
  for (const [text, reason] of [
    ['', /empty/],
    ['https://10.0.0.5', /it is a URL/],
    ['fe80::1%eth0', /one link/],
    ['10.0.0', /neither/],
    ['10.0.0.256', /neither/],
    ['10.1', /neither/],
    ['0x7f.1', /neither/],
    ['10.0.0.5/api', /neither/],
    ['admin@10.0.0.5', /neither/],
    ['a b', /neither/],
    ['-svm', /neither/],
    ['svm..example', /neither/],
    ['svm1:', /neither/],
    ['svm1:0', /no port 0/],
    ['svm1:65536', /no port 65536/],
    ['[2001:db8::5', /neither/],
    ['[10.0.0.5]', /neither/],
    ['2001:db8::5::', /neither/],
  ] as const) {
    assert.throws(
      () => parseAddress(text),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'CONFIG_INVALID', text)
        assert.match(error.message, reason)
        assert.match(error.message, /"managementLIF".*10\.0\.0\.5, svm1\.example or 2001:db8::5/)
        return true
      },
    )
  }
})

test('a name that does not resolve, and a port where nobody listens, are told to', async (t) => {
  const server = await tlsServer(t, say(500, ''))
  const directory = await temporaryDirectory(t)
  await server.close()
  await assert.rejects(openOntap(settingsFor(server, directory)), { code: 'UNREACHABLE', message: /refused/ })
  const unknown = settingsFor(server, directory, { managementLIF: 'svm1.invalid' })
  await assert.rejects(openOntap(unknown), { code: 'UNREACHABLE', message: /svm1\.invalid:443 .*DNS/ })
})
