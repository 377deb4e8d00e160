import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '../src/errors.ts'
import { NFS_OPTIONS, REFUSED_OPTIONS } from '../src/nfs-option-list.ts'
import { locksOverStatd, nfsVersionOf, parseNfsMountOptions } from '../src/nfs-options.ts'

test('options may follow -o, as nDVP had them, and stand alone', () => {
  assert.deepEqual(parseNfsMountOptions('-o nfsvers=3'), ['nfsvers=3'])
  assert.deepEqual(parseNfsMountOptions('  -onfsvers=4.1,hard '), ['nfsvers=4.1', 'hard'])
  assert.deepEqual(parseNfsMountOptions('-o nfsvers=4.1 -o nolock,noatime'), ['nfsvers=4.1', 'nolock', 'noatime'])
  assert.deepEqual(parseNfsMountOptions('nolock'), ['nolock'])
  assert.deepEqual(parseNfsMountOptions('hard,hard,'), ['hard'])
  for (const nothing of ['', '  ', '-o', '-o ']) assert.deepEqual(parseNfsMountOptions(nothing), [])
})

test('what people set in practice is taken', () => {
  for (const text of [
    'nfsvers=3,proto=tcp,rsize=65536,wsize=65536,hard,timeo=600,retrans=2,nolock',
    'vers=4.2,nconnect=16,noatime,nodiratime,_netdev',
    'nfsvers=4,minorversion=1,sec=krb5p',
    'v4.1,softerr,ac,actimeo=0,lookupcache=none,nocto',
    'nfsvers=3,mountproto=tcp,mountport=635,port=2049,mountvers=3,local_lock=all',
    'sec=krb5:sys,nosuid,nodev,noexec,context=system_u:object_r:container_file_t:s0',
    'clientaddr=2001:db8::7,proto=tcp6,rw,defaults',
    'nfsvers=4.1,xprtsec=tls,nosharecache,write=wait,trunkdiscovery',
    'rdirplus=force,fsc=db,noalignwrite,fatal_neterrors=ENETDOWN:ENETUNREACH,nosymfollow',
    'nfsvers=4.0,rdirplus,fsc,migration',
  ]) {
    assert.deepEqual(parseNfsMountOptions(text), text.split(','))
  }
})

test('what is wrong is named, and what it may be', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['nfsvers=9', /"nfsvers=9" needs another value: 3, 4, 4\.0, 4\.1 or 4\.2\./],
    ['-o nfsvers=4.1,timeo', /"timeo" needs a value: a whole number from 1 to 36000\./],
    ['nconnect=17', /"nconnect=17" needs another value: a whole number from 1 to 16\./],
    ['rsize=1m', /"rsize=1m" needs another value/],
    ['mountvers=1', /"mountvers=1" needs another value: 3\./],
    ['sec=sys:kerberos', /"sec=sys:kerberos" needs another value: one or more of none, sys, krb5/],
    ['clientaddr=here', /an IPv4 or IPv6 address/],
    ['mounthost=-x', /a name or address/],
    ['context=x', /container_file_t/],
    ['rdirplus=all', /"rdirplus=all" needs another value: none or force\./],
    ['hard=1', /"hard=1" takes no value: write "hard"\./],
    ['hrad', /no mount option "hrad" for NFS\. Did you mean "hard"\?/],
    ['NFSVERS=3', /Did you mean "nfsvers"\?/],
    ['constructor', /no mount option "constructor" for NFS\. See nfs\(5\)/],
    ['hard,,nolock', /two commas follow each other/],
    ['hard, nolock', /" nolock" has " " in it/],
    ['-t nfs4', /"-t nfs4" has " " in it/],
    ['nfsvers=3;reboot', /"nfsvers=3;reboot" has ";" in it/],
    ['`id`', /has "`" in it/],
    ['rsize=$(id)', /has "\$" in it/],
    ['a\nb', /has "\\n" in it/],
  ]
  for (const [text, sentence] of cases) refused(text, sentence)
})

test('an option there is, that would do harm, is refused with the reason', () => {
  refused('ro', /"ro" cannot be used: .*":ro" to "docker run -v"/)
  refused('nfsvers=4.1,bg', /"bg" cannot be used: a container starts when the volume is mounted/)
  refused('retry=5', /"retry=5" cannot be used: the plugin itself/)
  refused('addr=10.0.0.5', /"dataLIF"/)
  refused('nofail', /\/etc\/fstab/)
  refused('remount', /mounted anew/)
  refused('x-systemd.automount', /\/etc\/fstab/)
  refused('sloppy', /not be told of a mistake/)
  refused('v2', /nobody speaks version 2/)
  refused('namlen=255', /the server says/)
  refused('mountprog=100005', /always the same/)
})

test('options that contradict each other are named together', () => {
  for (const [one, other] of [
    ['hard', 'soft'],
    ['nfsvers=3', 'vers=4.1'],
    ['nfsvers=4.1', 'v4.1'],
    ['timeo=600', 'timeo=60'],
    ['lock', 'nolock'],
    ['proto=tcp', 'udp'],
    ['noatime', 'relatime'],
    ['nfsvers=4.1', 'proto=udp'],
    ['nfsvers=4', 'udp'],
    ['v4.2', 'mountport=635'],
  ] as const) {
    refused(`${one},${other}`, new RegExp(`"${one}" and "${other}" contradict each other`))
  }
  refused('minorversion=1', /"minorversion=1" needs "nfsvers=4" beside it/)
  refused('nfsvers=4.2,minorversion=1', /needs "nfsvers=4" beside it/)
})

test('the version that is asked for is found however it is written', () => {
  for (const [text, version] of [
    ['nfsvers=3', '3'],
    ['vers=4', '4'],
    ['v4.2', '4.2'],
    ['nfsvers=4,minorversion=1', '4.1'],
    ['mountproto=tcp', '3'],
    ['udp', '3'],
    ['hard,nolock', undefined],
  ] as const) {
    assert.equal(nfsVersionOf(parseNfsMountOptions(text)), version, text)
  }
})

test('only version 3 without nolock surely needs rpc.statd', () => {
  for (const [text, needs] of [
    ['nfsvers=3', true],
    ['nfsvers=3,local_lock=all', true],
    ['mountport=635', true],
    ['nfsvers=3,nolock', false],
    ['nfsvers=4.1', false],
    ['', false],
  ] as const) {
    assert.equal(locksOverStatd(parseNfsMountOptions(text)), needs, text)
  }
})

test('whatever is written, what comes of it is safe, and is read again as the same', () => {
  const name = fc.constantFrom(...NFS_OPTIONS.keys(), ...REFUSED_OPTIONS.keys())
  const value = fc.oneof(
    fc.constantFrom('3', '4.1', 'tcp', 'all', 'sys', '16', '600'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  const option = fc.oneof(
    name,
    fc.tuple(name, value).map(([left, right]) => `${left}=${right}`),
    fc.string({ unit: 'binary' }),
  )
  const written = fc.tuple(fc.constantFrom('', '-o ', ' -o'), fc.array(option, { maxLength: 4 }))
  let taken = 0
  fc.assert(
    fc.property(written, ([flag, options]) => {
      let parsed: readonly string[]
      try {
        parsed = parseNfsMountOptions(flag + options.join(','))
      } catch (error) {
        assert.ok(hasCode(error, 'CONFIG_INVALID'), String(error))
        return
      }
      taken += 1
      for (const one of parsed) assert.match(one, /^[A-Za-z_][A-Za-z0-9_.]*(?:=[A-Za-z0-9_.:=-]+)?$/)
      assert.deepEqual(parseNfsMountOptions(parsed.join(',')), parsed)
    }),
    { numRuns: 5_000 },
  )
  assert.ok(taken > 100, `of 5000 lists only ${taken} were good ones`)
})

function refused(text: string, sentence: RegExp): void {
  assert.throws(
    () => parseNfsMountOptions(text),
    (error) => {
      assert.ok(hasCode(error, 'CONFIG_INVALID'), String(error))
      assert.match(error.message, sentence)
      return true
    },
  )
}
