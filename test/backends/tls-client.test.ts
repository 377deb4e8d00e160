import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { openHttp } from '../../src/backends/http.ts'
import { Pins } from '../../src/backends/pins.ts'
import { readClientCertificate } from '../../src/backends/tls-client.ts'
import { Secret } from '../../src/secret.ts'
import { makeCertificate } from '../../src/simulators/certificate.ts'
import { context, rememberingLog, temporaryDirectory } from '../host/fakes.ts'

const own = makeCertificate('127.0.0.1', 'docker-host')
const other = makeCertificate('127.0.0.1', 'other')

test('a client certificate and its key may be PEM, PEM in base64, or the path of a PEM file', async (t) => {
  const directory = await temporaryDirectory(t)
  const paths = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') }
  await writeFile(paths.cert, own.cert)
  await writeFile(paths.key, own.key)
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  for (const [certificate, key] of [
    [own.cert, own.key],
    [base64(own.cert), base64(own.key)],
    [paths.cert, paths.key],
  ] as const) {
    const read = await readClientCertificate(certificate, new Secret(key))
    assert.deepEqual([read.certificate, read.key.reveal()], [own.cert, own.key])
  }
})

test('what is no certificate, no key, or another’s key is a fault of the config that shows nothing of the key', async () => {
  const encrypted = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'phrase' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey
  const torn = own.key.replace(/\n[A-Za-z0-9+/]{20}/, '\n!!!!')
  for (const [certificate, key, setting, reason] of [
    ['hello', own.key, 'clientCertificate', /no certificate in PEM/],
    [own.cert.replace(/\nMII.*/, ''), own.key, 'clientCertificate', /./],
    ['/no/such/file.pem', own.key, 'clientCertificate', /ENOENT/],
    [own.cert, 'hello', 'clientPrivateKey', /no key in PEM/],
    [own.cert, '/no/such/key.pem', 'clientPrivateKey', /ENOENT/],
    [own.cert, own.cert, 'clientPrivateKey', /no key in PEM/],
    [own.cert, torn, 'clientPrivateKey', /cannot be read/],
    [own.cert, encrypted, 'clientPrivateKey', /passphrase/],
    [own.cert, other.key, 'clientPrivateKey', /not the key of the certificate/],
  ] as const) {
    await assert.rejects(readClientCertificate(certificate, new Secret(key)), (error: Error & { code: string }) => {
      assert.equal(error.code, 'CONFIG_INVALID')
      assert.ok(error.message.startsWith(`Cannot use the setting "${setting}"`), error.message)
      assert.match(error.message, reason)
      assert.ok(!error.message.includes(key.slice(40, 80)) || key.length < 40, error.message)
      return true
    })
  }
})

test('who shows a client certificate sends no password', async (t) => {
  const seen: { subject: string | undefined; authorization: string | undefined }[] = []
  const server = createServer({
    ...makeCertificate('127.0.0.1', 'array'),
    requestCert: true,
    rejectUnauthorized: false,
  })
  server.on('request', (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    seen.push({ subject: String(subject?.CN), authorization: request.headers.authorization })
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const http = await openHttp({
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientCertificate: await readClientCertificate(own.cert, new Secret(own.key)),
    tls: {},
    pins: new Pins(join(await temporaryDirectory(t), 'certificates.json')),
    maxConcurrentRequests: 1,
    log: rememberingLog().log,
  })
  t.after(() => http.close())
  const { status } = await http.request(context(), { operation: 'Ask', method: 'GET', path: '/' })
  assert.equal(status, 200)
  assert.deepEqual(seen, [{ subject: 'docker-host', authorization: undefined }])
})
