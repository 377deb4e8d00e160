import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createSecureContext } from 'node:tls'
import { fingerprintOf, makeCertificate } from '../../src/simulators/certificate.ts'

test('a certificate is its own issuer, fits its key, and is for the address it was made for', () => {
  const { key, cert } = makeCertificate('10.0.0.7', 'Simulated Element array')
  const certificate = new X509Certificate(cert)
  assert.ok(certificate.verify(certificate.publicKey))
  assert.ok(certificate.checkIssued(certificate))
  assert.ok(certificate.checkPrivateKey(createPrivateKey(key)))
  assert.equal(certificate.subject, 'CN=Simulated Element array')
  for (const address of ['10.0.0.7', '127.0.0.1']) assert.equal(certificate.checkIP(address), address)
  assert.equal(certificate.checkIP('10.0.0.8'), undefined)
  assert.equal(certificate.checkHost('localhost'), 'localhost')
  assert.ok(Date.parse(certificate.validFrom) < Date.now() && Date.parse(certificate.validTo) > Date.now())
})

test('a certificate is for an IPv6 address in any of its notations', () => {
  for (const address of ['::1', 'fd00::7:0:1', 'fd00:1:2:3:4:5:6:7', '::ffff:10.0.0.7', 'fe80::']) {
    const certificate = new X509Certificate(makeCertificate(address, 'a').cert)
    assert.equal(certificate.checkIP(address), address)
    assert.equal(certificate.checkIP('fd00::8'), undefined)
  }
})

test('no two certificates have one fingerprint', () => {
  const [first, second] = [makeCertificate('::1', 'a'), makeCertificate('::1', 'a')]
  assert.match(fingerprintOf(first), /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
  assert.notEqual(fingerprintOf(first), fingerprintOf(second))
})

test('a certificate is one that TLS takes, whatever its length', () => {
  for (let length = 1; length <= 96; length++) {
    createSecureContext({ ...makeCertificate('127.0.0.1', 'x'.repeat(length % 64 || 1)) })
  }
})
