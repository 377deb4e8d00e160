/**
 * What mount.nfs(8) says when it cannot mount, and what to do about it. Its words are those of nfs-utils; where they end
 * in the C library's, programs run in the C locale.
 */

import { HostError } from '../../errors.ts'
import { nfsVersionOf, transportOf } from '../../nfs-options.ts'
import type { NfsPublication } from '../../publication.ts'
import { printSource } from './source.ts'
import { STATD_ADVICE } from './statd.ts'

export interface Fault {
  /** What mount.nfs(8) said. */
  readonly words: string
  /** How the command ended, without a full stop: the command, its exit code, those words. */
  readonly ending: string
}

/** True when a volume or rule that was made a moment ago may be all there is to it. */
export function mayPass({ words }: Fault): boolean {
  return rowFor(words)?.mayPass ?? false
}

/** @param ownAddress this machine's, as the server sees it */
export function explain(
  { words, ending }: Fault,
  publication: NfsPublication,
  mountpoint: string,
  ownAddress: string | undefined,
): HostError {
  const advice = rowFor(words)?.advice ?? (() => 'See the last lines of "dmesg" for the reason of the kernel.')
  return new HostError(
    'MOUNT_FAILED',
    `Cannot mount ${printSource(publication)} at ${mountpoint}: ${ending}. ${advice({ ...publication, ownAddress })}`,
  )
}

interface Facts extends NfsPublication {
  readonly ownAddress: string | undefined
}

interface Row {
  readonly said: RegExp
  readonly mayPass?: boolean
  readonly advice: (facts: Facts) => string
}

/** The first that fits counts. */
const ROWS: readonly Row[] = [
  {
    said: /access denied by server|Permission denied/,
    mayPass: true,
    advice: (facts) =>
      `No rule of ${policyOf(facts)} lets ${thisHost(facts)} in${withSecurity(facts)}: add one. The policy of the SVM's root volume has to let it in as well.${portOf(facts)}${wantsGssd(facts)}`,
  },
  {
    said: /No such file or directory/,
    mayPass: true,
    advice: (facts) =>
      `The server shows no such path to ${thisHost(facts)}: see whether the volume is online and has the junction path ${facts.path}${onSvm(facts)}, and whether ${policyOf(facts)} and that of the SVM's root volume let this host in.`,
  },
  { said: /rpc\.statd is not running/, advice: () => STATD_ADVICE },
  {
    said: /Address family for hostname not supported/,
    advice: ({ server }) =>
      `${server} has no address of the kind that "proto" in "nfsMountOptions" asks for: tcp is for IPv4, tcp6 for IPv6.`,
  },
  {
    said: /requested NFS version or transport|Protocol not supported/,
    advice: (facts) =>
      `The server does not serve ${versionOf(facts)}, or its NFS is stopped, or this machine's kernel lacks it. See "vserver nfs show"${onSvm(facts)}, or ask for another version in "nfsMountOptions".`,
  },
  {
    said: /Failed to resolve server|Name or service not known|name resolution|Resource temporarily unavailable/,
    advice: ({ server }) =>
      `This machine cannot resolve "${server}": set "dataLIF" to an address, or mend the name's entry in DNS.`,
  },
  {
    said: /timed out|Connection (?:refused|reset)|No route to host|Network is (?:unreachable|down)|Host is down|RPC Error/,
    advice: (facts) =>
      `${facts.server} does not answer as an NFS server does: see whether it is a data LIF that is up${onSvm(facts)}, whether NFS runs there, and whether the network lets this machine through (port 2049; for version 3 also 111 and 635).`,
  },
  {
    // What the kernel makes of "access denied" at the root of version 4. @see nfs4_find_root_sec in its fs/nfs/nfs4proc.c
    said: /Operation not permitted/,
    mayPass: true,
    advice: (facts) =>
      `The server does not let ${thisHost(facts)} into its root${withSecurity(facts)}: add a rule to the export policy of the root volume${ofSvm(facts)}.${portOf(facts)}${wantsGssd(facts)} Or the plugin lacks rights here: it ${NEEDS_ROOT}.`,
  },
  { said: /must be superuser|only root|failed to apply fstab options/, advice: () => `The plugin ${NEEDS_ROOT}.` },
  {
    said: /Stale file handle/,
    advice: () =>
      'The volume was replaced or restored while this machine had it mounted: end what still uses it here, then try again.',
  },
  {
    said: /is busy or already mounted/,
    advice: () =>
      'The filesystem is mounted here with other SELinux labels: mount all of it with the same ones, or add "nosharecache" to "nfsMountOptions".',
  },
  {
    said: /not a directory/,
    advice: ({ path }) => `${path} has to be a volume or qtree of the server.`,
  },
  {
    said: /unknown filesystem type|No such device/,
    advice: () => `This machine's kernel has no NFS client: load it with "modprobe nfs".`,
  },
  {
    said: /incorrect mount option|Invalid argument|bad option/,
    advice: (facts) =>
      `This machine's kernel or mount.nfs does not take one of "nfsMountOptions", or their values: ${facts.options.join(', ')}. See nfs(5) here.${wantsGssd(facts)}`,
  },
]

const NEEDS_ROOT = 'has to run as root, with CAP_SYS_ADMIN, outside of any user namespace'

function rowFor(words: string): Row | undefined {
  return ROWS.find(({ said }) => said.test(words))
}

function policyOf(facts: Facts): string {
  if (facts.exportPolicy === undefined) return "the volume's export policy"
  return `export policy "${facts.exportPolicy}"${ofSvm(facts)}`
}

function onSvm({ svm }: Facts): string {
  return svm === undefined ? '' : ` on SVM "${svm}"`
}

function ofSvm({ svm }: Facts): string {
  return svm === undefined ? '' : ` of SVM "${svm}"`
}

function thisHost({ ownAddress }: Facts): string {
  return ownAddress === undefined ? 'this host' : `this host (${ownAddress})`
}

function withSecurity({ options }: Facts): string {
  const security = options.find((option) => option.startsWith('sec='))
  return security === undefined ? '' : ` with "${security}"`
}

/** Servers are often set to serve only what comes from a port that needs root. */
function portOf({ options }: Facts): string {
  return options.includes('noresvport') ? ' Or the server wants a port below 1024: take "noresvport" away.' : ''
}

function versionOf({ options }: Facts): string {
  const version = nfsVersionOf(options)
  const over = transportOf(options)
  const named = version === undefined ? 'any NFS version of this machine' : `NFS version ${version}`
  return over === undefined ? named : `${named} over ${over}`
}

/** Without rpc.gssd, the kernel speaks of options, of access or of permission. */
function wantsGssd({ options }: Facts): string {
  return options.some((option) => option.startsWith('sec=krb5')) ? ' Kerberos needs rpc.gssd to run.' : ''
}
