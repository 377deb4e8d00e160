/** Volumes of an Element array as real iSCSI targets. */

import { type BackingFiles, openBackingFiles } from '../data-plane/backing-files.ts'
import type { DataPlane } from '../data-plane/data-plane.ts'
import { type Chap, type Lio, openLio } from '../data-plane/lio.ts'
import { attachLoop, detachLoop, loopsOf, refreshLoop } from '../data-plane/loop.ts'
import { iqnOf, naaOf } from './names.ts'
import type { Account, DataSource, Effect, ElementArray, Volume } from './state.ts'

/** One target a volume, one LUN a target, numbered 0. */
export interface TargetSettings {
  readonly directory: string
  /** Whether the bytes outlive this process; else closing removes them. */
  readonly keep: boolean
}

/** Makes targets of all active volumes. @throws Error when kernel or directory cannot do it */
export async function openElementTargets(array: ElementArray, settings: TargetSettings): Promise<DataPlane<Effect>> {
  const files = await openBackingFiles(settings.directory)
  const targets = new Targets(array, files, await openLio())
  try {
    await targets.removeLeftovers()
    for (const { volumeID } of array.volumes.all()) await targets.refresh(volumeID)
    // What ended while nobody was at work. The rest has just been done.
    const ended = array.effects.splice(0).filter(({ kind }) => kind === 'purge' || kind === 'drop-snapshot')
    for (const effect of ended) await targets.carryOut(effect)
  } catch (error) {
    await targets.close(settings.keep).catch(() => {})
    throw error
  }
  array.sessions = () => targets.sessions()

  // One change after the other: the kernel is the same for all.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }
  return {
    apply: (effects) =>
      inTurn(async () => {
        for (const effect of effects) await targets.carryOut(effect)
      }),
    setPortal: (enabled) => inTurn(() => targets.setPortal(enabled)),
    dropSessions: (volumeID) => inTurn(() => targets.dropSessions(volumeID)),
    close: () => inTurn(() => targets.close(settings.keep)),
  }
}

/** As SCSI tells them: eight and sixteen characters at most. */
const VENDOR = 'SolidFir'
const PRODUCT = 'SSD SAN'

/** A target that the kernel has. */
interface Exported {
  readonly iqn: string
  readonly device: string
  readonly readOnly: boolean
}

class Targets {
  readonly #array: ElementArray
  readonly #files: BackingFiles
  readonly #lio: Lio
  readonly #exported = new Map<number, Exported>()
  #enabled = true

  constructor(array: ElementArray, files: BackingFiles, lio: Lio) {
    this.#array = array
    this.#files = files
    this.#lio = lio
  }

  /** Of an earlier process of this array, which did not end in order. */
  async removeLeftovers(): Promise<void> {
    const prefix = `iqn.2010-01.com.solidfire:${this.#array.identity.uniqueID}.`
    for (const iqn of await this.#lio.targets()) {
      const [, id] = /\.(\d+)$/.exec(iqn) ?? []
      if (id === undefined || !iqn.startsWith(prefix)) continue
      await this.#lio.removeTarget(iqn, this.#nameOf(Number(id)))
    }
    const files = this.#files.pathOf(`${this.#array.identity.uniqueID}-`).replace(/\.img$/, '')
    for (const device of await loopsOf(files)) await detachLoop(device)
  }

  async carryOut(effect: Effect): Promise<void> {
    switch (effect.kind) {
      case 'refresh':
        return this.refresh(effect.volumeID)
      case 'copy':
        return this.#copy(effect.from, effect.volumeID)
      case 'purge':
        await this.#withdraw(effect.volumeID)
        return this.#files.remove(this.#nameOf(effect.volumeID))
      case 'snapshot':
        return this.#takeSnapshot(effect.volumeID, effect.snapshotID)
      case 'drop-snapshot':
        return this.#files.remove(this.#snapshotName(effect.snapshotID))
      case 'rollback':
        return this.#copy({ snapshotID: effect.snapshotID }, effect.volumeID)
    }
  }

  /** Makes file and target what the volume is now. */
  async refresh(volumeID: number): Promise<void> {
    const volume = this.#array.volumes.get(volumeID)
    if (volume) await this.#files.ensure(this.#nameOf(volumeID), volume.totalSize)
    const account = volume && this.#array.accounts.get(volume.accountID)
    if (!volume || !account || !isReachable(volume, account)) return this.#withdraw(volumeID)

    const exported = this.#exported.get(volumeID)
    if (exported && exported.readOnly === isReadOnly(volume)) {
      await refreshLoop(exported.device)
      return this.#lio.setChap(exported.iqn, chapOf(account))
    }
    await this.#withdraw(volumeID)
    await this.#export(volume, account)
  }

  async setPortal(enabled: boolean): Promise<void> {
    if (enabled === this.#enabled) return
    this.#enabled = enabled
    for (const { iqn } of this.#exported.values()) await this.#lio.setEnabled(iqn, enabled)
  }

  async dropSessions(volumeID: number): Promise<void> {
    const exported = this.#exported.get(volumeID)
    if (!exported) throw new Error(`Volume ${volumeID} has no target.`)
    if (!this.#enabled) return
    await this.#lio.setEnabled(exported.iqn, false)
    await this.#lio.setEnabled(exported.iqn, true)
  }

  sessions() {
    return [...this.#exported].flatMap(([volumeID, { iqn }]) =>
      // The kernel does not tell from where a session without an access list of its own comes.
      this.#lio.initiatorsOf(iqn).map((initiatorName) => ({ volumeID, initiatorName, initiatorIP: '' })),
    )
  }

  async close(keep: boolean): Promise<void> {
    for (const volumeID of [...this.#exported.keys()]) await this.#withdraw(volumeID)
    await this.#lio.close()
    if (keep) return
    for (const { volumeID } of this.#array.volumes.all()) await this.#files.remove(this.#nameOf(volumeID))
    for (const snapshotID of this.#array.snapshots.keys()) await this.#files.remove(this.#snapshotName(snapshotID))
  }

  async #export(volume: Volume, account: Account): Promise<void> {
    const name = this.#nameOf(volume.volumeID)
    const iqn = iqnOf(this.#array, volume)
    const device = await attachLoop(this.#files.pathOf(name), volume.enable512e ? 512 : 4096)
    const readOnly = isReadOnly(volume)
    this.#exported.set(volume.volumeID, { iqn, device, readOnly })
    try {
      const naa = naaOf(this.#array, volume)
      const target = { iqn, name, device, readOnly, chap: chapOf(account), naa, vendor: VENDOR, product: PRODUCT }
      await this.#lio.addTarget(target, this.#array.svip)
      if (this.#enabled) await this.#lio.setEnabled(iqn, true)
    } catch (error) {
      await this.#withdraw(volume.volumeID)
      throw error
    }
  }

  async #withdraw(volumeID: number): Promise<void> {
    const exported = this.#exported.get(volumeID)
    if (!exported) return
    const name = this.#nameOf(volumeID)
    await this.#lio.removeTarget(exported.iqn, name)
    await detachLoop(exported.device)
    this.#exported.delete(volumeID)
  }

  async #copy(from: DataSource, volumeID: number): Promise<void> {
    const volume = this.#array.volumes.get(volumeID)
    if (!volume) return
    const source = 'snapshotID' in from ? this.#snapshotName(from.snapshotID) : this.#nameOf(from.volumeID)
    await this.#files.copy(source, this.#nameOf(volumeID), volume.totalSize)
  }

  async #takeSnapshot(volumeID: number, snapshotID: number): Promise<void> {
    const snapshot = this.#array.snapshots.get(snapshotID)
    if (snapshot) await this.#files.copy(this.#nameOf(volumeID), this.#snapshotName(snapshotID), snapshot.totalSize)
  }

  #nameOf(volumeID: number): string {
    return `${this.#array.identity.uniqueID}-${volumeID}`
  }

  #snapshotName(snapshotID: number): string {
    return `${this.#array.identity.uniqueID}-snapshot-${snapshotID}`
  }
}

function isReachable({ status, access }: Volume, account: Account): boolean {
  return status === 'active' && (access === 'readWrite' || access === 'readOnly') && account.status === 'active'
}

function isReadOnly({ access }: Volume): boolean {
  return access === 'readOnly'
}

/** Hosts prove who they are with the initiator's secret. The target's is not asked for: LIO would ask everybody. */
function chapOf({ username, initiatorSecret, enableChap }: Account): Chap | undefined {
  return enableChap ? { user: username, secret: initiatorSecret } : undefined
}
