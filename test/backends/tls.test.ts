import assert from 'node:assert/strict'
import { readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openHttp } from '../../src/backends/http.ts'
import { Pins } from '../../src/backends/pins.ts'
import type { TlsSettings } from '../../src/backends/tls-settings.ts'
import { Secret } from '../../src/secret.ts'
import { type Certificate, fingerprintOf, makeCertificate } from '../../src/simulators/certificate.ts'
import { context, type Line, rememberingLog, temporaryDirectory } from '../host/fakes.ts'
import { say, type TlsServer, tlsServer } from './tls-server.ts'

interface Scene {
  readonly server: TlsServer
  readonly pinFile: string
  readonly lines: Line[]
  /** Opens anew, as a restarted daemon does, and calls once. */
  call(tls?: TlsSettings): Promise<number>
}

const first = makeCertificate('127.0.0.1', 'first')
const second = makeCertificate('127.0.0.1', 'second')

async function scene(t: TestContext, certificate: Certificate = first): Promise<Scene> {
  const server = await tlsServer(t, say(200, '{}'), certificate)
  const pinFile = join(await temporaryDirectory(t), 'certificates.json')
  const { log, lines } = rememberingLog()
  return {
    server,
    pinFile,
    lines,
    async call(tls = {}) {
      const http = await openHttp({
        origin: server.origin,
        user: 'admin',
        password: new Secret('tls-test-password'),
        tls,
        pins: new Pins(pinFile),
        maxConcurrentRequests: 5,
        log,
      })
      try {
        const asked = Array.from({ length: 3 }, () =>
          http.request(context(log), { operation: 'Ask', method: 'POST', path: '/', body: '{}' }),
        )
        await Promise.allSettled(asked)
        return (await asked[0])?.status ?? 0
      } finally {
        await http.close()
      }
    },
  }
}

test('a certificate of the array’s own making is pinned at first use, with a warning that prints it', async (t) => {
  const { server, pinFile, lines, call } = await scene(t)
  assert.equal(await call(), 200)
  const warnings = lines.filter(({ level }) => level === 'warn')
  assert.equal(warnings.length, 1, 'once, though three connections were made')
  assert.match(warnings[0]?.message ?? '', new RegExp(fingerprintOf(first)))
  assert.ok((await readFile(pinFile, 'utf8')).includes(`127.0.0.1:${server.port}`))
  assert.equal(await call(), 200)
  assert.equal(lines.filter(({ level }) => level === 'warn').length, 1, 'and not again')
})

test('a certificate that has changed is refused before the password is sent, until its entry is removed', async (t) => {
  const { server, pinFile, call } = await scene(t)
  await call()
  server.useCertificate(second)
  const before = server.requests.length
  await assert.rejects(call(), (error: Error & { code: string }) => {
    assert.equal(error.code, 'CERTIFICATE_REFUSED')
    for (const part of [fingerprintOf(first), fingerprintOf(second), pinFile, 'tlsFingerprint', 'was not sent']) {
      assert.ok(error.message.includes(part), `${part} in: ${error.message}`)
    }
    return true
  })
  assert.equal(server.requests.length, before, 'nothing of HTTP arrived')
  await unlink(pinFile)
  assert.equal(await call(), 200)
})

test('tlsFingerprint accepts that certificate however it is spelled, and no other', async (t) => {
  const { server, lines, call } = await scene(t)
  const sha256 = fingerprintOf(first)
  for (const spelled of [sha256, sha256.toLowerCase(), sha256.replaceAll(':', '')]) {
    assert.equal(await call({ tlsFingerprint: spelled }), 200)
  }
  assert.deepEqual(
    lines.filter(({ level }) => level === 'warn'),
    [],
  )
  server.useCertificate(second)
  await assert.rejects(call({ tlsFingerprint: sha256 }), { code: 'CERTIFICATE_REFUSED', message: /tlsFingerprint/ })
})

test('with an authority configured a certificate it did not sign is refused, and none is pinned', async (t) => {
  const { server, pinFile, call } = await scene(t)
  const before = server.requests.length
  await assert.rejects(call({ trustedCACertificate: second.cert }), {
    code: 'CERTIFICATE_REFUSED',
    message: /self-signed.*trustedCACertificate/,
  })
  assert.equal(server.requests.length, before)
  await assert.rejects(readFile(pinFile), { code: 'ENOENT' })
})

test('the authority may be PEM, PEM in base64, or the path of a file', async (t) => {
  const { pinFile, call } = await scene(t)
  const file = `${pinFile}.pem`
  await writeFile(file, `Made for a test.\n${first.cert}`)
  const base64 = Buffer.from(first.cert).toString('base64')
  for (const trustedCACertificate of [first.cert, base64, file]) {
    assert.equal(await call({ trustedCACertificate }), 200)
  }
})

test('a certificate for another name is refused, authority or not', async (t) => {
  const { server, call } = await scene(t)
  const elsewhere = server.origin.replace('127.0.0.1', '127.0.0.2')
  assert.equal(await call({ trustedCACertificate: first.cert }), 200)
  const { log } = rememberingLog()
  const http = await openHttp({
    origin: elsewhere,
    user: 'admin',
    password: new Secret('tls-test-password'),
    tls: { trustedCACertificate: first.cert },
    pins: new Pins('/nonexistent/pins'),
    maxConcurrentRequests: 1,
    log,
  })
  t.after(() => http.close())
  await assert.rejects(http.request(context(), { operation: 'Ask', method: 'GET', path: '/' }), {
    code: 'UNREACHABLE',
  })
})

test('an array that an authority vouched for may not fall back to a certificate of its own making', async (t) => {
  const { server, pinFile, call } = await scene(t)
  const entry = { [`127.0.0.1:${server.port}`]: { since: '2025-01-01T00:00:00.000Z' } }
  await writeFile(pinFile, JSON.stringify({ version: 1, certificates: entry }))
  await assert.rejects(call(), {
    code: 'CERTIFICATE_REFUSED',
    message: /authority vouched for the one it had on 2025-01-01/,
  })
})

test('insecureSkipVerify accepts anything, and says so at each start', async (t) => {
  const { server, lines, call } = await scene(t)
  assert.equal(await call({ insecureSkipVerify: true }), 200)
  server.useCertificate(second)
  assert.equal(await call({ insecureSkipVerify: true }), 200)
  assert.equal(lines.filter(({ level, message }) => level === 'warn' && /not verified/.test(message)).length, 2)
})

test('settings that are no fingerprint and no certificate are faults of the config', async (t) => {
  const { call } = await scene(t)
  for (const tls of [
    { tlsFingerprint: 'AB:CD' },
    { trustedCACertificate: 'bm90aGluZw==' },
    { trustedCACertificate: '/nonexistent/ca.pem' },
    { trustedCACertificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
  ]) {
    await assert.rejects(call(tls), { code: 'CONFIG_INVALID' }, JSON.stringify(tls))
  }
})
