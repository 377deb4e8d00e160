import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonLine, type LogRecord, textLine } from '../../src/daemon/log-line.ts'
import { Defect, HostError } from '../../src/errors.ts'

const time = new Date('2026-11-22T14:03:07.123Z')
const record = (message: string, fields: LogRecord['fields'] = {}): LogRecord => ({
  time,
  level: 'info',
  message,
  fields,
})
/** What follows the padded message. */
const pairsOf = (fields: LogRecord['fields']) => textLine(record('', fields)).split(`] ${' '.repeat(45)}`)[1]

test('a text line is nDVP’s: level, time, message padded to 44, sorted pairs', () => {
  const line = textLine(record('Initialized logging.', { logLevel: 'info', driverVersion: '17.10.2', build: 7 }))
  assert.match(
    line,
    /^INFO\[2026-11-2[123]T\d\d:\d\d:07(Z|[+-]\d\d:\d\d)\] Initialized logging\. {24} {2}build=7 driverVersion=17\.10\.2 logLevel=info$/,
  )
})

test('the time is local, with its offset', (t) => {
  const before = process.env['TZ']
  t.after(() => {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  })
  const stamps: Readonly<Record<string, string>> = {
    UTC: 'INFO[2026-11-22T14:03:07Z]',
    'Asia/Kolkata': 'INFO[2026-11-22T19:33:07+05:30]',
    'America/New_York': 'INFO[2026-11-22T09:03:07-05:00]',
  }
  for (const [zone, stamp] of Object.entries(stamps)) {
    process.env['TZ'] = zone
    assert.ok(textLine(record('x')).startsWith(stamp), zone)
  }
})

test('a message longer than 44 characters is not cut', () => {
  assert.ok(textLine(record('x'.repeat(60))).endsWith(`${'x'.repeat(60)} `))
})

test('text is quoted as in Go unless it is letters, digits, dots and dashes', () => {
  const quoted: Readonly<Record<string, string>> = {
    'plain-1.2': 'plain-1.2',
    '': '',
    'two words': '"two words"',
    a_b: '"a_b"',
    'say "x\\y"': '"say \\"x\\\\y\\""',
    'line\nbreak\ttab\u0007': '"line\\nbreak\\ttab\\a"',
    '\u0001\u007f': '"\\x01\\x7f"',
    'größe😀': '"größe😀"',
    '\u200b\u2028': '"\\u200b\\u2028"',
    '\u{e0001}': '"\\U000e0001"',
  }
  for (const [text, written] of Object.entries(quoted)) assert.equal(pairsOf({ k: text }), ` k=${written}`)
})

test('other values are written without quotes, and what is undefined is left out', () => {
  assert.equal(
    pairsOf({ a: 1.5, b: true, c: null, d: undefined, e: [1, 'x'], f: { g: 'h' }, h: 10n }),
    ' a=1.5 b=true c=null e=[1,"x"] f={"g":"h"} h=10',
  )
})

test('an error of ours is its message; a defect, or any other error, is its stack with the causes', () => {
  assert.equal(pairsOf({ error: new HostError('MOUNT_BUSY', 'It is busy.') }), ' error="It is busy."')
  for (const error of [new Defect('wrong'), new Error('wrong', { cause: new Error('because') })]) {
    assert.match(pairsOf({ error }) ?? '', /wrong\\n +at .*logging-line\.test\.ts/)
  }
  assert.match(pairsOf({ error: new Error('wrong', { cause: new Error('because') }) }) ?? '', /because/)
})

test('a JSON line has time, level and message first, and fields of those names beside them', () => {
  const line = jsonLine(record('Mounted.', { volume: 'db1', level: 7, error: new HostError('MOUNT_BUSY', 'Busy.') }))
  assert.equal(
    line,
    '{"time":"2026-11-22T14:03:07.123Z","level":"info","message":"Mounted.","volume":"db1","fields.level":7,"error":"Busy."}',
  )
})

test('whatever is logged becomes exactly one line, and JSON that parses', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.dictionary(
        fc.string(),
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
        }),
      ),
      (message, fields) => {
        const lines = [textLine(record(message, fields)), jsonLine(record(message, fields))]
        JSON.parse(lines[1]!)
        return lines.every((line) => !/[\n\r]/.test(line))
      },
    ),
  )
})

test('a value that cannot be turned into JSON is still said', () => {
  const circle: Record<string, unknown> = { name: 'circle' }
  circle['self'] = circle
  const trap = {
    get bad() {
      throw new Error('trap')
    },
  }
  for (const value of [
    circle,
    trap,
    Symbol('s'),
    () => {},
    Object.create(null),
    new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('trap')
        },
      },
    ),
  ]) {
    assert.ok(textLine(record('x', { value })).includes('value='))
    JSON.parse(jsonLine(record('x', { value })))
  }
})
