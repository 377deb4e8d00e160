import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '../../../src/errors.ts'
import { nfsAttachments } from '../../../src/host/nfs/nfs-attachments.ts'
import type { NfsPublication } from '../../../src/publication.ts'
import { context } from '../fakes.ts'
import { NfsMachine, publicationOf, refuses } from './machine.ts'

const SOURCE = '127.0.0.1:/db1'

/** What mount.nfs(8) of nfs-utils 2.6.2 says on Linux 6.1, and what is to be told about it. */
const CASES: readonly (readonly [title: string, words: string, advice: RegExp, changes?: Partial<NfsPublication>])[] = [
  [
    'access denied names the export policy, its SVM, and this host as the server sees it',
    `access denied by server while mounting ${SOURCE}`,
    /No rule of export policy "docker" of SVM "svm1" lets this host \(127\.0\.0\.1\) in: add one\. .*root volume/,
  ],
  [
    'access denied with a kind of security names that',
    `access denied by server while mounting ${SOURCE}`,
    /in with "sec=krb5": add one\. .*Kerberos needs rpc\.gssd/,
    { options: ['nfsvers=4.1', 'sec=krb5'] },
  ],
  [
    'access denied to an unprivileged port names the option',
    `access denied by server while mounting ${SOURCE}`,
    /port below 1024: take "noresvport" away/,
    { options: ['noresvport'] },
  ],
  [
    'a path that is missing names the junction, and the policy that may hide it',
    `mounting ${SOURCE} failed, reason given by server: No such file or directory`,
    /junction path \/db1 on SVM "svm1", and whether export policy "docker" of SVM "svm1"/,
  ],
  [
    'a version that the server does not speak is named',
    'Protocol not supported',
    /does not serve NFS version 4\.1, or/,
  ],
  [
    'so is a transport',
    'requested NFS version or transport protocol is not supported',
    /does not serve NFS version 3 over udp, or its NFS is stopped/,
    { options: ['nfsvers=3', 'nolock', 'proto=udp'] },
  ],
  ['a server that refuses is named', 'Connection refused', /127\.0\.0\.1 does not answer as an NFS server does/],
  ['so is one that is silent', 'Connection timed out', /127\.0\.0\.1 does not answer as an NFS server does/],
  ['and one where no route leads', 'No route to host', /127\.0\.0\.1 does not answer as an NFS server does/],
  ['and one in no network', 'Network is unreachable', /127\.0\.0\.1 does not answer as an NFS server does/],
  [
    'and one whose ports cannot be asked for',
    'failed: RPC Error: Port mapper failure',
    /127\.0\.0\.1 does not answer as an NFS server does/,
    { options: ['nfsvers=3', 'nolock'] },
  ],
  [
    'other labels of a filesystem that is mounted already are named',
    '/mnt is busy or already mounted or sharecache fail',
    /mounted here with other SELinux labels: .*"nosharecache" to "nfsMountOptions"/,
    { options: ['context=system_u:object_r:container_file_t:s0'] },
  ],
  [
    'a name that cannot be resolved is one of dataLIF',
    'Failed to resolve server svm1.example.com: Name or service not known',
    /cannot resolve "svm1\.example\.com": set "dataLIF" to an address/,
    { server: 'svm1.example.com' },
  ],
  [
    'an address of the other kind than the option says is named',
    'Failed to resolve server 127.0.0.1: Address family for hostname not supported',
    /no address of the kind that "proto" in "nfsMountOptions" asks for/,
    { options: ['proto=tcp6'] },
  ],
  [
    'rpc.statd that ended meanwhile: nolock and the package are named',
    'rpc.statd is not running but is required for remote locking.',
    /package nfs-common .* or nfs-utils .*"nfsMountOptions" to "-o nolock"/,
    { options: [] },
  ],
  [
    'a root that version 4 is not let into is one of a policy too',
    `Operation not permitted for ${SOURCE} on /mnt`,
    /does not let this host \(127\.0\.0\.1\) into its root: add a rule to the export policy of the root volume of SVM "svm1"/,
  ],
  ['or a lack of rights here', 'Operation not permitted', /Or the plugin lacks rights here: .* with CAP_SYS_ADMIN/],
  ['which is all it can be of mount.nfs itself', 'must be superuser to use mount', /^((?!policy).)*has to run as root/],
  [
    'options that the kernel does not take are listed',
    'an incorrect mount option was specified',
    /: nfsvers=4\.1\. See nfs\(5\)/,
  ],
  [
    'Kerberos without its daemon ends like that',
    'an incorrect mount option was specified',
    /Kerberos needs rpc\.gssd/,
    { options: ['nfsvers=4.1', 'sec=krb5p'] },
  ],
  [
    'a volume that was replaced is still in use',
    'Stale file handle',
    /replaced or restored while this machine had it mounted/,
  ],
  ['a file is no volume', `mount spec ${SOURCE} or point /mnt is not a directory`, /\/db1 has to be a volume or qtree/],
  ['a kernel without NFS is one', 'No such device', /modprobe nfs/],
  ['anything else is quoted, and dmesg named', 'mount system call failed', /See the last lines of "dmesg"/],
]

for (const [title, words, advice, changes] of CASES) {
  test(title, async (t) => {
    const machine = await NfsMachine.of(t, { mount: refuses(words) })
    const publication = publicationOf(changes)
    await assert.rejects(nfsAttachments(machine.tools).attach(context(), publication, machine.mountpoint), (error) => {
      assert.ok(hasCode(error, 'MOUNT_FAILED'), String(error))
      const options = [...publication.options, 'fg', 'retry=0'].join(',')
      const source = `${publication.server}:/db1`
      const command = `"mount -t nfs -o ${options} -- ${source} ${machine.mountpoint}" ended with exit code 32`
      assert.ok(error.message.startsWith(`Cannot mount ${source} at ${machine.mountpoint}: ${command}: mount.nfs: `))
      assert.ok(error.message.includes(words.replace(/\.$/, '')), error.message)
      assert.match(error.message, advice)
      return true
    })
  })
}

test('the address of this host is of the kind that the mount goes over', async (t) => {
  const words = 'access denied by server while mounting svm1:/db1'
  const getent = `printf '%s\\n' '2001:db8::5 RAW' '127.0.0.1 RAW'`
  const machine = await NfsMachine.of(t, { mount: refuses(words), getent })
  for (const option of ['proto=tcp', 'udp', 'rdma']) {
    const publication = publicationOf({ server: 'svm1', options: ['nolock', option] })
    const attached = nfsAttachments(machine.tools).attach(context(), publication, machine.mountpoint)
    await assert.rejects(attached, / lets this host \(127\.0\.0\.1\) in: /, option)
  }
  const publication = publicationOf({ server: '127.0.0.1', options: ['nolock', 'proto=tcp6'] })
  const attached = nfsAttachments(machine.tools).attach(context(), publication, machine.mountpoint)
  await assert.rejects(attached, / lets this host in: /)
})

test('where nothing is known of policies and addresses, the sentence does without', async (t) => {
  const words = 'access denied by server while mounting nowhere:/db1'
  const machine = await NfsMachine.of(t, { mount: refuses(words) })
  const publication: NfsPublication = { kind: 'nfs', server: 'nowhere', path: '/db1', options: [] }
  await assert.rejects(
    nfsAttachments(machine.tools).attach(context(), publication, machine.mountpoint),
    /\. No rule of the volume's export policy lets this host in: add one\./,
  )
})
