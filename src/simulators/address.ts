/** Addresses with ports, as they are written where both can be. */

export interface Address {
  readonly host: string
  readonly port: number
}

/** `127.0.0.1:8443` or `[::1]:8443`. @throws RangeError */
export function parseAddress(text: string): Address {
  const [, six, four, digits] = /^(?:\[([0-9A-Fa-f:]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? []
  const host = six ?? four
  const port = Number(digits)
  if (host !== undefined && port <= LARGEST_PORT) return { host, port }
  throw new RangeError(`"${text}" is no address with a port. Write 127.0.0.1:8443, or [::1]:8443.`)
}

/** What `parseAddress` reads. */
export function addressText({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

const LARGEST_PORT = 65_535
