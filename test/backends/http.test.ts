import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Http, openHttp } from '../../src/backends/http.ts'
import { NoAnswer } from '../../src/backends/network-faults.ts'
import { Pins } from '../../src/backends/pins.ts'
import { Secret } from '../../src/secret.ts'
import { context, rememberingLog, temporaryDirectory } from '../host/fakes.ts'
import { say, tlsServer } from './tls-server.ts'

async function open(t: TestContext, origin: string, maxConcurrentRequests = 20): Promise<Http> {
  const http = await openHttp({
    origin,
    user: 'admin',
    password: new Secret('http-test-password'),
    tls: {},
    pins: new Pins(join(await temporaryDirectory(t), 'certificates.json')),
    maxConcurrentRequests,
    log: rememberingLog().log,
  })
  t.after(() => http.close())
  return http
}

const ASK = { operation: 'Ask', method: 'POST', path: '/api', body: '{"a":"ü"}' } as const

test('a request arrives with its body and the password, and the answer comes whatever its status', async (t) => {
  const server = await tlsServer(t, say(503, 'come back'))
  const http = await open(t, server.origin)
  const { log, lines } = rememberingLog()
  const { status, body } = await http.request(context(log), ASK)
  assert.deepEqual([status, body.toString()], [503, 'come back'])
  const [request] = server.requests
  assert.equal(request?.body, ASK.body)
  const sent = Buffer.from(request?.authorization?.replace('Basic ', '') ?? '', 'base64').toString()
  assert.equal(sent, 'admin:http-test-password')
  assert.deepEqual(
    lines.map(({ level, fields: { ms, ...rest } }) => ({ level, number: typeof ms, ...rest })),
    [{ level: 'debug', number: 'number', operation: 'Ask', status: 503 }],
    'one line a call, with nothing of its content',
  )
})

test('one connection serves call after call', async (t) => {
  const ports = new Set<number | undefined>()
  const server = await tlsServer(t, (_request, response, socket) => {
    ports.add(socket.remotePort)
    response.end('{}')
  })
  const http = await open(t, server.origin)
  for (let call = 0; call < 5; call++) await http.request(context(), ASK)
  assert.equal(ports.size, 1)
})

test('no more calls are in flight than may be', async (t) => {
  let held: ServerResponse[] = []
  let most = 0
  const server = await tlsServer(t, (_request, response) => {
    held.push(response)
    most = Math.max(most, held.length)
    if (held.length < 2) return
    const pair = held
    setImmediate(() => {
      held = held.filter((other) => !pair.includes(other))
      for (const other of pair) other.end('{}')
    })
  })
  const http = await open(t, server.origin, 2)
  await Promise.all(Array.from({ length: 12 }, () => http.request(context(), ASK)))
  assert.equal(most, 2)
})

test('calls that may take long hold up none that look', async (t) => {
  const held: ServerResponse[] = []
  const server = await tlsServer(t, (request, response) => {
    if (request.method === 'GET') response.end('{}')
    else held.push(response)
  })
  const http = await open(t, server.origin, 5)
  const slow = Array.from({ length: 40 }, () => http.request(context(), { ...ASK, slow: true }).catch(() => {}))
  const look = { operation: 'Look', method: 'GET', path: '/api' } as const
  for (let call = 0; call < 5; call++) assert.equal((await http.request(context(), look)).status, 200)
  assert.ok(held.length <= 4, String(held.length))
  await http.close()
  await Promise.all(slow)
})

test('an array that refuses connections surely never got the call', async (t) => {
  const server = await tlsServer(t, say(200, '{}'))
  await server.close()
  const http = await open(t, server.origin)
  await assert.rejects(http.request(context(), ASK), (error) => {
    assert.ok(error instanceof NoAnswer)
    assert.deepEqual([error.code, error.mayBeDone], ['UNREACHABLE', false])
    assert.match(error.message, new RegExp(`127.0.0.1:${server.port} for Ask: the connection was refused`))
    assert.ok(error.cause instanceof Error)
    return true
  })
})

test('a connection that breaks, before or within the answer, leaves open what became of the call', async (t) => {
  const server = await tlsServer(t, (_request, _response, socket) => socket.destroy())
  const http = await open(t, server.origin)
  const broken = (error: unknown) => {
    assert.ok(error instanceof NoAnswer)
    assert.equal(error.mayBeDone, true)
    assert.match(error.message, /broke before the whole answer/)
    return true
  }
  await assert.rejects(http.request(context(), ASK), broken)

  server.answer = (_request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('{"half":')
    setImmediate(() => response.socket?.destroy())
  }
  await assert.rejects(http.request(context(), ASK), broken)

  server.answer = (_request, response) => {
    response.writeHead(200)
    response.write('{"chunked":')
    setImmediate(() => response.socket?.destroy())
  }
  await assert.rejects(http.request(context(), ASK), broken)

  server.answer = say(200, '{}')
  assert.equal((await http.request(context(), ASK)).status, 200)
})

test('an array that does not answer, or not to the end, is given up in time', async (t) => {
  const server = await tlsServer(t, () => {})
  const http = await open(t, server.origin)
  await assert.rejects(http.request(context(), { ...ASK, timeoutMs: 50 }), {
    code: 'UNREACHABLE',
    mayBeDone: true,
    message: /within 0.05 s/,
  })
  server.answer = (_request, response) => {
    response.write('{')
  }
  await assert.rejects(http.request(context(), { ...ASK, timeoutMs: 50 }), { code: 'UNREACHABLE' })
})

test('a call ends at once when the daemon goes down', async (t) => {
  const stop = new AbortController()
  const server = await tlsServer(t, () => stop.abort(new Error('going down')))
  const http = await open(t, server.origin)
  await assert.rejects(http.request(context(undefined, stop.signal), ASK), /going down/)
})

test('an answer without end is cut off', async (t) => {
  const server = await tlsServer(t, (_request, response) => {
    const piece = Buffer.alloc(1024 * 1024, ' ')
    const more = () => {
      while (response.writable && response.write(piece));
    }
    response.on('drain', more)
    response.on('error', () => {})
    more()
  })
  const http = await open(t, server.origin)
  await assert.rejects(http.request(context(), ASK), { code: 'MALFORMED', message: /longer than 67108864 bytes/ })
  const short = { ...ASK, mostBytes: 1_000 }
  await assert.rejects(http.request(context(), short), { code: 'MALFORMED', message: /longer than 1000 bytes/ })
})

test('what does not speak TLS, or not HTTP, is said to', async (t) => {
  const plain = await plainServer(t, (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
  const overTls = await open(t, `https://127.0.0.1:${plain}`)
  await assert.rejects(overTls.request(context(), ASK), { code: 'UNREACHABLE', mayBeDone: false, message: /TLS/ })

  const overHttp = await open(t, `http://127.0.0.1:${plain}`)
  await assert.rejects(overHttp.request(context(), ASK), { code: 'MALFORMED', message: /does not speak HTTP/ })
})

async function plainServer(t: TestContext, greet: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {})
    greet(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
