import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseEndpoint } from '../../../src/backends/element/endpoint.ts'
import { Secret } from '../../../src/secret.ts'

const read = (text: string) => {
  const { password, ...rest } = parseEndpoint(text)
  return { ...rest, password: password.reveal() }
}

test('an endpoint as nDVP took it says where the array is, who we are and which API to speak', () => {
  const expected = { origin: 'https://10.0.0.5', user: 'admin', password: 'secret', apiVersion: '7.0' }
  assert.deepEqual(read('https://admin:secret@10.0.0.5/json-rpc/7.0'), expected)
  assert.deepEqual(read(' HTTPS://admin:secret@10.0.0.5:443/json-rpc/7.0/\n'), expected)
  assert.equal(read('https://a:b@[2001:db8::5]:8443/json-rpc/12.3').origin, 'https://[2001:db8::5]:8443')
  assert.equal(read('https://a:b@array/json-rpc/10.0').apiVersion, '10.0')
})

test('the password is percent-decoded, and any password can be written that way', () => {
  assert.equal(read('https://a:p%40ss%2Fw%25rd@10.0.0.5/json-rpc/7.0').password, 'p@ss/w%rd')
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (password) => {
      const text = `https://admin:${encodeURIComponent(password)}@10.0.0.5/json-rpc/7.0`
      assert.equal(read(text).password, password)
    }),
  )
})

test('a password whose "@", "/", "#" or ":" was not escaped is read as it was meant', () => {
  assert.equal(read('https://admin:p@s/s#w?o:rd@10.0.0.5/json-rpc/7.0').password, 'p@s/s#w?o:rd')
})

test('user and password given by themselves win, and are not decoded', () => {
  const own = { username: 'root', password: new Secret('a%41b') }
  const { user, password } = parseEndpoint('https://admin:secret@10.0.0.5/json-rpc/7.0', own)
  assert.deepEqual([user, password.reveal()], ['root', 'a%41b'])
  assert.equal(parseEndpoint('https://10.0.0.5/json-rpc/7.0', own).user, 'root')
})

const refused: readonly (readonly [what: string, endpoint: string, sentence: RegExp])[] = [
  ['no credentials', 'https://10.0.0.5/json-rpc/7.0', /names no user/],
  ['no password', 'https://admin@10.0.0.5/json-rpc/7.0', /has no password/],
  ['an escape that is none', 'https://admin:Hunter2%zz@10.0.0.5/json-rpc/7.0', /write it as %25/],
  ['an escape that is not UTF-8', 'https://admin:Hunter2%ff@10.0.0.5/json-rpc/7.0', /write it as %25/],
  ['no path', 'https://admin:Hunter2@10.0.0.5', /does not end with \/json-rpc\//],
  ['no version', 'https://admin:Hunter2@10.0.0.5/json-rpc/', /does not end with \/json-rpc\//],
  ['a version that is none', 'https://admin:Hunter2@10.0.0.5/json-rpc/v7', /does not end with \/json-rpc\//],
  ['a version of one number', 'https://admin:Hunter2@10.0.0.5/json-rpc/12', /does not end with \/json-rpc\//],
  ['something after the version', 'https://admin:Hunter2@10.0.0.5/json-rpc/7.0?x=1', /does not end with \/json-rpc\//],
  ['plain http', 'http://admin:Hunter2@10.0.0.5/json-rpc/7.0', /begins with http:\/\//],
  ['another scheme', 'ftp://admin:Hunter2@10.0.0.5/json-rpc/7.0', /does not begin with https/],
  ['no scheme', 'admin:Hunter2@10.0.0.5/json-rpc/7.0', /is not a URL/],
  ['no address', 'https://admin:Hunter2@/json-rpc/7.0', /not an address/],
  ['a port that is none', 'https://admin:Hunter2@10.0.0.5:x/json-rpc/7.0', /not an address/],
  ['no "@"', 'https://admin:Hunter2/json-rpc/7.0', /names no user/],
  ['nothing', '', /is not a URL/],
]

for (const [what, endpoint, sentence] of refused) {
  test(`an endpoint with ${what} is refused with how to write it, and without the password`, () => {
    assert.throws(
      () => parseEndpoint(endpoint),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'CONFIG_INVALID')
        assert.match(error.message, sentence)
        assert.match(error.message, /https:\/\/user:password@10\.0\.0\.5\/json-rpc\/7\.0/)
        assert.doesNotMatch(error.message, /Hunter2/)
        return true
      },
    )
  })
}
