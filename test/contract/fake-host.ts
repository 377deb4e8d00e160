/** A host in memory: devices and file servers that are there or not, mount points that are taken or not. */

import { HostError } from '../../src/errors.ts'
import type { Host } from '../../src/host/host.ts'
import type { BlockPublication, Publication } from '../../src/publication.ts'

export class FakeHost implements Host {
  readonly calls: string[] = []
  readonly mounted = new Map<string, Publication>()
  readonly formatted: string[] = []
  readonly frozen = new Set<string>()
  readonly heldElsewhere = new Set<string>()
  readonly faults = new Map<string, unknown>()
  readonly holds = new Map<string, Promise<void>>()

  async endOrphans() {}

  async identity() {
    return { name: 'fake-host', addresses: ['192.0.2.10'] }
  }

  async proveFormattable(_ctx: unknown, publication: BlockPublication) {
    await this.#called('proveFormattable')
    if (publication.format.state === 'ready') throw new HostError('DEVICE_NOT_BLANK', 'It is ready already.')
  }

  async format(_ctx: unknown, publication: BlockPublication, uuid: string) {
    await this.#called('format')
    if (publication.format.state !== 'formatting')
      throw new HostError('DEVICE_NOT_BLANK', 'Not recorded as formatting.')
    this.formatted.push(`${placeOf(publication)} ${uuid}`)
  }

  async attach(_ctx: unknown, publication: Publication, mountpoint: string) {
    await this.#called('attach')
    if (publication.kind !== 'nfs' && publication.format.state !== 'ready') {
      throw new HostError('FILESYSTEM_MISMATCH', 'It has no filesystem.')
    }
    this.mounted.set(mountpoint, publication)
  }

  async detach(_ctx: unknown, _publication: Publication, mountpoint: string) {
    await this.#called('detach')
    if (this.frozen.has(mountpoint)) throw new HostError('MOUNT_BUSY', 'It is frozen.')
    this.mounted.delete(mountpoint)
  }

  async isAttached(_ctx: unknown, publication: Publication, mountpoint: string) {
    const mounted = this.mounted.get(mountpoint)
    return mounted !== undefined && placeOf(mounted) === placeOf(publication)
  }

  async isMounted(_ctx: unknown, mountpoint: string) {
    return this.mounted.has(mountpoint)
  }

  async mountsBelow(_ctx: unknown, root: string) {
    return [...this.mounted.keys()].filter((mountpoint) => mountpoint.startsWith(`${root}/`))
  }

  async isHeldElsewhere(_ctx: unknown, mountpoint: string) {
    return this.heldElsewhere.has(mountpoint)
  }

  async grow() {
    await this.#called('grow')
  }

  async flush() {
    await this.#called('flush')
  }

  async freeze(_ctx: unknown, mountpoint: string) {
    await this.#called('freeze')
    this.frozen.add(mountpoint)
  }

  async thaw(_ctx: unknown, mountpoint: string) {
    await this.#called('thaw')
    this.frozen.delete(mountpoint)
  }

  async bootId() {
    return 'boot-1'
  }

  async #called(call: string) {
    this.calls.push(call)
    await this.holds.get(call)
    const fault = this.faults.get(call)
    this.faults.delete(call)
    if (fault !== undefined) throw fault
  }
}

function placeOf(publication: Publication): string {
  switch (publication.kind) {
    case 'file':
      return publication.path
    case 'iscsi':
      return publication.naa
    case 'nfs':
      return `${publication.server}:${publication.path}`
  }
}
