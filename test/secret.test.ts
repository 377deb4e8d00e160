import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { Secret, strike } from '../src/secret.ts'

test('a secret shows itself only when revealed', () => {
  const secret = new Secret('correct horse')
  assert.equal(secret.reveal(), 'correct horse')
  const shown = [String(secret), `${secret}`, JSON.stringify({ secret }), inspect({ secret }), inspect(secret)]
  for (const text of [...shown, Object.keys(secret).join(), JSON.stringify(Object.entries(secret))]) {
    assert.ok(!text.includes('correct horse'), text)
  }
  assert.equal(JSON.stringify({ secret }), '{"secret":"***"}')
})

test('text without secrets is left alone', () => {
  assert.equal(strike('Mounted volume "db1" at /var/lib.'), 'Mounted volume "db1" at /var/lib.')
})

/** The characters that writers of URLs, JSON, XML, patterns and shells treat apart. */
const CANARY = `p@ss:w/ö?r#d&%20"\\\n\t<'>$(^.*[é😀]){|}+ ~`

/** Every way the canary could be written, the least obvious ones too. */
const SPELLINGS: Readonly<Record<string, string>> = {
  raw: CANARY,
  encodeURIComponent: encodeURIComponent(CANARY),
  'percent in lower case': encodeURIComponent(CANARY).replace(/%../g, (hex) => hex.toLowerCase()),
  'percent for all but letters': [...Buffer.from(CANARY)]
    .map((byte) =>
      /[A-Za-z0-9]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16)}`,
    )
    .map((char) => (char.length === 2 ? `%0${char.slice(1)}` : char))
    .join(''),
  form: new URLSearchParams({ k: CANARY }).toString().slice(2),
  'user info of a URL': Object.assign(new URL('http://h'), { username: 'u', password: CANARY }).password,
  base64: Buffer.from(CANARY).toString('base64'),
  base64url: Buffer.from(CANARY).toString('base64url'),
  'basic authentication': Buffer.from(`admin:${CANARY}`).toString('base64'),
  'base64 within more': Buffer.from(`ab${CANARY}c`).toString('base64'),
  JSON: JSON.stringify(CANARY).slice(1, -1),
  'JSON in JSON': JSON.stringify(JSON.stringify({ password: CANARY })),
  'JSON in seven bits': JSON.stringify(CANARY).replace(
    /[^ -~]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  ),
  inspect: inspect({ password: CANARY }),
  XML: CANARY.replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&apos;'),
}

test('a secret is struck however it is written', () => {
  new Secret(CANARY)
  for (const [name, text] of Object.entries(SPELLINGS)) {
    const struck = strike(`before ${text} after`)
    assert.ok(struck.includes('***'), name)
    for (const piece of ['p@ss', 'p%40ss', 'w/ö', '20"', Buffer.from(CANARY).toString('base64').slice(4, 12)]) {
      assert.ok(!struck.includes(piece), `${name}: ${struck}`)
    }
    assert.ok(struck.startsWith('before '), name)
    assert.ok(struck.endsWith(' after'), name)
  }
})

test('a secret of many backslashes does not make striking slow', () => {
  new Secret(`${'\\'.repeat(50)}"${'\\'.repeat(50)}`)
  const begun = process.cpuUsage()
  strike('\\'.repeat(5_000))
  assert.ok(process.cpuUsage(begun).user < 1_000_000, 'microseconds of the processor')
})

test('any secret of four characters or more is struck in every common encoding', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 4, maxLength: 40 }),
      fc.string({ maxLength: 5 }),
      (value, user) => {
        fc.pre(!value.includes('***'))
        new Secret(value)
        const spellings = [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]
        const whole = Buffer.from(value).toString('base64')
        return (
          spellings.every((text) => !strike(`x=${text};`).includes(text)) &&
          !strike(`token ${whole}`).includes(whole) &&
          !Buffer.from(strike(Buffer.from(`${user}:${value}`).toString('base64')), 'base64').includes(value)
        )
      },
    ),
    { numRuns: 200 },
  )
})

test('the password inside a secret URL is a secret by itself', () => {
  new Secret('https://admin:s%23cret%2Fword@10.0.0.1/json-rpc/7.0')
  assert.equal(strike('login with s#cret/word failed'), 'login with *** failed')
  assert.equal(strike(`Basic ${Buffer.from('root:s#cret/word').toString('base64')}`), 'Basic cm9vdD***')
})

test('a secret inside another does not keep the longer one from being struck whole', () => {
  new Secret('inner-word')
  new Secret('outer-inner-word-outer')
  assert.equal(strike('x outer-inner-word-outer y'), 'x *** y')
})

test('a very short secret is struck only where it stands alone', () => {
  new Secret('q7')
  assert.equal(strike('password=q7, and seq71 q7'), 'password=***, and seq71 ***')
})

test('an empty secret changes nothing', () => {
  new Secret('')
  assert.equal(strike('nothing here'), 'nothing here')
})
