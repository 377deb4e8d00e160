/** What an NFS server lets its clients see, as exports(5) has it. */

export interface NfsExport {
  /** As clients name it. */
  readonly path: string
  /** Tells it from others for as long as clients know files of it; a UUID. */
  readonly fsid: string
  /** The most exact one counts, whatever their order; of several that are the same, the first. */
  readonly clients: readonly NfsClients[]
}

export interface NfsClients {
  /** `10.0.0.5`, `10.0.0.0/24`, `fd00::/64`, `host.example.com`, `.example.com`, `@netgroup` */
  readonly match: string
  readonly readOnly: boolean
  /** Whether root of a client is root here; else it is `anonymousUser`. */
  readonly rootIsRoot: boolean
  readonly anonymousUser: number
}

/** The whole of /etc/exports. */
export function exportsText(exports: readonly NfsExport[]): string {
  return exports
    .filter(({ clients }) => clients.length > 0)
    .map((one) => `${quoted(one.path)} ${clientsText(one)}\n`)
    .join('')
}

function clientsText({ fsid, clients }: NfsExport): string {
  const words = new Map<string, string>()
  for (const client of clients) {
    const match = matchText(client.match)
    if (!words.has(match)) words.set(match, `${match}(${optionsOf(client, fsid)})`)
  }
  return [...words.values()].join(' ')
}

/** `crossmnt`: whoever walks into a volume that is mounted in this one sees that, if its own rules let him. */
function optionsOf({ readOnly, rootIsRoot, anonymousUser }: NfsClients, fsid: string): string {
  return [
    readOnly ? 'ro' : 'rw',
    rootIsRoot ? 'no_root_squash' : 'root_squash',
    `anonuid=${anonymousUser}`,
    `anongid=${anonymousUser}`,
    `fsid=${fsid}`,
    'sync,no_subtree_check,insecure,crossmnt,sec=sys',
  ].join(',')
}

/** `exportfs` shifts a mask of no bits by the width of a number, and would let nobody in. */
function matchText(match: string): string {
  if (match === '0.0.0.0/0') return '0.0.0.0/0.0.0.0'
  return quoted(match.startsWith('.') ? `*${match}` : match)
}

/** Octal, as the parser reads it: `a b` → `a\040b`. */
function quoted(text: string): string {
  return text.replace(/[^\w./:@*?[\]-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  )
}
