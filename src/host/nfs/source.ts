/** What a mount of NFS is of: a server and a path there. */

import { BlockList, isIP } from 'node:net'
import type { NfsPublication } from '../../publication.ts'
import type { Mount } from '../mountinfo.ts'

export type NfsSource = Pick<NfsPublication, 'server' | 'path'>

/** `10.0.0.5:/db1`, `[fd00::5]:/db1`: as mount(8) takes it and the kernel's table shows it. */
export function printSource({ server, path }: NfsSource): string {
  return `${server.includes(':') ? `[${server}]` : server}:${path}`
}

/** Undefined for a mount that is none of NFS. */
export function sourceOf({ fstype, source }: Mount): NfsSource | undefined {
  if (!isNfs({ fstype })) return undefined
  const [, bracketed, plain, path] = /^(?:\[([^\]]+)\]|([^:/]+)):(.*)$/s.exec(source) ?? []
  const server = bracketed ?? plain
  return server === undefined || path === undefined ? undefined : { server, path }
}

export function isNfs({ fstype }: Pick<Mount, 'fstype'>): boolean {
  return fstype === 'nfs' || fstype === 'nfs4'
}

/** A value of the kernel's table: `addr` is where it reaches the server, `port` is there unless it is 2049. */
export function settingOf({ superOptions }: Mount, name: 'addr' | 'port' | 'proto'): string | undefined {
  const option = superOptions.split(',').find((option) => option.startsWith(`${name}=`))
  return option?.slice(name.length + 1)
}

/** The table of version 3 keeps slashes as they were written. */
export function samePath(one: string, other: string): boolean {
  return plainPath(one) === plainPath(other)
}

export function sameAddress(one: string, other: string): boolean {
  const version = isIP(one)
  if (version === 0 || isIP(other) !== version) return false
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addAddress(one, family)
  return list.check(other, family)
}

function plainPath(path: string): string {
  return path.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '')
}
