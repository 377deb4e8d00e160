/** The options of mount(8) and nfs(5) that a volume may be mounted with, and why some may not be. */

import { isIP } from 'node:net'

export interface OptionRule {
  /** What the option is about. Of two that are about the same, one has to go. */
  readonly matter: string
  /** Absent for an option that stands alone. */
  readonly values?: Values
  /** It may also stand alone. */
  readonly orAlone?: true
}

export interface Values {
  allow(value: string): boolean
  /** What it may be, for a message: `a whole number from 1 to 16`. */
  readonly words: string
}

/** @see nfs(5); mount(8), FILESYSTEM-INDEPENDENT MOUNT OPTIONS */
export const NFS_OPTIONS: ReadonlyMap<string, OptionRule> = new Map([
  ...withValue('version', oneOf('3', '4', '4.0', '4.1', '4.2'), 'nfsvers', 'vers'),
  ...alone('version', 'v3', 'v4', 'v4.0', 'v4.1', 'v4.2'),
  ...withValue('minor version', oneOf('0', '1', '2'), 'minorversion'),

  ...withValue('transport', oneOf('tcp', 'tcp6', 'udp', 'udp6', 'rdma', 'rdma6'), 'proto'),
  ...alone('transport', 'tcp', 'udp', 'rdma'),
  ...withValue('port', whole(0, 65_535), 'port'),
  ...withValue('port of mountd', whole(0, 65_535), 'mountport'),
  ...withValue('transport of mountd', oneOf('tcp', 'tcp6', 'udp', 'udp6'), 'mountproto'),
  ...withValue('version of mountd', oneOf('3'), 'mountvers'),
  ...withValue('host of mountd', hostName(), 'mounthost'),
  ...withValue('own address', { allow: (value) => isIP(value) !== 0, words: 'an IPv4 or IPv6 address' }, 'clientaddr'),
  ...withValue('connections', whole(1, 16), 'nconnect'),
  ...withValue('most connections', whole(1, 16), 'max_connect'),
  ...alone('trunks', 'trunkdiscovery', 'notrunkdiscovery'),
  ...alone('source port', 'resvport', 'noresvport'),

  ...alone('lost servers', 'hard', 'soft', 'softerr'),
  ...alone('interruption', 'intr', 'nointr'),
  ...alone('foreground', 'fg'),
  ...withValue('time limit', whole(1, 36_000), 'timeo'),
  ...withValue('repeats', whole(0, 1_000), 'retrans'),
  ...alone('soft revalidation', 'softreval', 'nosoftreval'),
  ...withValue(
    'networks that are gone',
    oneOf('none', 'default', 'ENETDOWN:ENETUNREACH', 'ENETUNREACH:ENETDOWN'),
    'fatal_neterrors',
  ),
  ...alone('migration', 'migration', 'nomigration'),

  ...withValue('size of reads', whole(1_024, 1_048_576), 'rsize'),
  ...withValue('size of writes', whole(1_024, 1_048_576), 'wsize'),
  ...alone('cached attributes', 'ac', 'noac'),
  ...withValue('age of attributes', whole(0, 86_400), 'actimeo'),
  ...withValue('least age of files', whole(0, 86_400), 'acregmin'),
  ...withValue('greatest age of files', whole(0, 86_400), 'acregmax'),
  ...withValue('least age of directories', whole(0, 86_400), 'acdirmin'),
  ...withValue('greatest age of directories', whole(0, 86_400), 'acdirmax'),
  ...withValue('cached names', oneOf('all', 'none', 'pos', 'positive'), 'lookupcache'),
  ...alone('coherence', 'cto', 'nocto'),
  ...withOrWithoutValue('attributes with names', oneOf('none', 'force'), 'rdirplus'),
  ...alone('attributes with names', 'nordirplus'),
  ...alone('shared caches', 'sharecache', 'nosharecache'),
  ...withOrWithoutValue('cache on disk', { allow: (value) => /^\w+$/.test(value), words: 'a word' }, 'fsc'),
  ...alone('cache on disk', 'nofsc'),
  ...withValue('when to write', oneOf('lazy', 'eager', 'wait'), 'write'),
  ...alone('whole pages', 'alignwrite', 'noalignwrite'),

  ...alone('locks', 'lock', 'nolock'),
  ...withValue('local locks', oneOf('none', 'all', 'flock', 'posix'), 'local_lock'),
  ...alone('access lists', 'acl', 'noacl'),
  ...withValue('security', flavours('none', 'sys', 'krb5', 'krb5i', 'krb5p'), 'sec'),
  ...withValue('encryption', oneOf('none', 'tls', 'mtls'), 'xprtsec'),
  ...withValue('label', seLinuxLabel(), 'context'),
  ...withValue('label of the filesystem', seLinuxLabel(), 'fscontext'),
  ...withValue('label of unlabelled files', seLinuxLabel(), 'defcontext'),
  ...withValue('label of the root', seLinuxLabel(), 'rootcontext'),

  ...alone('access times', 'atime', 'noatime', 'relatime', 'norelatime', 'strictatime', 'nostrictatime'),
  ...alone('access times of directories', 'diratime', 'nodiratime'),
  ...alone('lazy times', 'lazytime', 'nolazytime'),
  ...alone('set-user-ID', 'suid', 'nosuid'),
  ...alone('devices', 'dev', 'nodev'),
  ...alone('programs', 'exec', 'noexec'),
  ...alone('symbolic links', 'symfollow', 'nosymfollow'),
  ...alone('synchronous writes', 'sync', 'async'),
  ...alone('synchronous directories', 'dirsync'),
  ...alone('writing', 'rw'),
  ...alone('defaults', 'defaults'),
  ...alone('network', '_netdev'),
])

const FOR_FSTAB = 'it is for /etc/fstab, and this mount is not in it'
const FOR_NEW_MOUNTS = 'each volume is mounted anew, from its server'

/** Why an option there is cannot be used; undefined for any other. */
export function refusalOf(name: string): string | undefined {
  return name.startsWith('x-') ? FOR_FSTAB : REFUSED_OPTIONS.get(name)
}

/** Options there are, that would do harm or nothing, and why. */
export const REFUSED_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['ro', 'the mount serves every container of this host; add ":ro" to "docker run -v" for one that is not to write'],
  ['bg', 'a container starts when the volume is mounted, so the mount cannot be done later'],
  ['retry', 'the plugin itself sees to it that a mount ends while Docker waits'],
  ['addr', 'the address is that of "dataLIF"'],
  ['mountaddr', 'the address is that of "dataLIF"'],
  ['v2', 'nobody speaks version 2 any more'],
  ['namlen', 'the server says how long a name may be'],
  ['sloppy', 'you would not be told of a mistake in the others'],
  ...['nfsprog', 'mountprog'].map((name) => [name, 'the numbers of these programs are always the same'] as const),
  ...['cert_serial', 'privkey_serial'].map((name) => [name, 'a key has another serial number on each host'] as const),
  ...['auto', 'noauto', 'nofail', 'user', 'users', 'owner', 'group'].map((name) => [name, FOR_FSTAB] as const),
  ...['remount', 'bind', 'rbind', 'move'].map((name) => [name, FOR_NEW_MOUNTS] as const),
])

function withValue(matter: string, values: Values, ...names: readonly string[]): (readonly [string, OptionRule])[] {
  return names.map((name) => [name, { matter, values }])
}

function withOrWithoutValue(matter: string, values: Values, ...names: readonly string[]) {
  return names.map((name): readonly [string, OptionRule] => [name, { matter, values, orAlone: true }])
}

function alone(matter: string, ...names: readonly string[]): (readonly [string, OptionRule])[] {
  return names.map((name) => [name, { matter }])
}

function oneOf(...known: readonly string[]): Values {
  const last = known.at(-1)!
  const words = known.length === 1 ? last : `${known.slice(0, -1).join(', ')} or ${last}`
  return { allow: (value) => known.includes(value), words }
}

/** Joined by colons, in the order they are tried. */
function flavours(...known: readonly string[]): Values {
  const words = `one or more of ${known.join(', ')}, with a colon between them`
  return { allow: (value) => value.split(':').every((flavour) => known.includes(flavour)), words }
}

function whole(least: number, most: number): Values {
  return {
    allow: (value) => /^\d{1,7}$/.test(value) && Number(value) >= least && Number(value) <= most,
    words: `a whole number from ${least} to ${most}`,
  }
}

function hostName(): Values {
  return {
    allow: (value) => isIP(value) !== 0 || /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(value),
    words: 'a name or address',
  }
}

/** No categories: they are written with commas, which part the options here. */
function seLinuxLabel(): Values {
  return {
    allow: (value) => /^\w+:\w+:\w+(:s\d{1,2})?$/.test(value),
    words: 'a label of SELinux without categories, such as system_u:object_r:container_file_t:s0',
  }
}
