/**
 * Who has which volume mounted on this host, on disk.
 *
 * Docker makes one mount ID per container and volume and uses it again for `docker cp`, so an ID may hold a volume
 * several times: Mount(x), Mount(x), Unmount(x) leaves it mounted. Each hold is one *claim*.
 *
 * Invariants:
 * - a record exists exactly while the volume should be mounted here; it is on disk before Docker is answered;
 * - a claim whose answer may not have reached Docker is *unanswered*, on disk too; once nobody waits for that answer any
 *   more it is *lost*. A claim lost in this process surely holds nothing: the same ID's next Mount takes it over. One that
 *   is unanswered as the process begins is in doubt, for its answer may have arrived just before a crash; the kernel
 *   knows (volumes/release-lost.ts). So a lost answer neither leaks a mount nor ends one;
 * - records of an earlier boot hold nothing: their mounts went with it.
 */

import { type DurableFile, ensureVersion } from '../../durable-file.ts'
import type { ArrayName, VolumeName } from '../../names.ts'
import { type Publication, withoutSecrets } from '../../publication.ts'

export interface MountRecord {
  readonly array: ArrayName
  readonly mountpoint: string
  readonly publication: Publication
}

/** The file's shape. */
export interface StoredMounts {
  readonly version: 1
  readonly boot: string
  readonly mounts: Readonly<Record<string, StoredMount>>
}

interface StoredMount extends MountRecord {
  readonly claims: Readonly<Record<string, { readonly count: number; readonly unanswered: number }>>
}

export class Mounts {
  readonly #file: DurableFile<StoredMounts>
  readonly #boot: string
  readonly #records = new Map<VolumeName, Entry>()

  private constructor(file: DurableFile<StoredMounts>, boot: string) {
    this.#file = file
    this.#boot = boot
  }

  /** Reads the file. Records of an earlier boot come back apart: what they published is still to be taken back. */
  static async open(file: DurableFile<StoredMounts>, boot: string) {
    const stored = await file.read()
    if (stored) ensureVersion(file.path, stored, 'mounts')
    const mounts = new Mounts(file, boot)
    const bygone = new Map<VolumeName, MountRecord>()
    for (const [name, record] of Object.entries(stored?.mounts ?? {})) {
      if (stored?.boot === boot) mounts.#records.set(name as VolumeName, restore(record))
      else bygone.set(name as VolumeName, record)
    }
    return { mounts, bygone }
  }

  get(name: VolumeName): MountRecord | undefined {
    return this.#records.get(name)
  }

  names(): readonly VolumeName[] {
    return [...this.#records.keys()]
  }

  /** How many claims there are on the volume. */
  total(name: VolumeName): number {
    return [...this.claimsOf(name).values()].reduce((sum, count) => sum + count, 0)
  }

  /** How often each mount ID holds the volume. */
  claimsOf(name: VolumeName): ReadonlyMap<string, number> {
    return new Map([...(this.#records.get(name)?.claims ?? [])].map(([id, claim]) => [id, claim.count]))
  }

  /** The volume is mounted from now on, or again, and `id` holds it. */
  async begin(name: VolumeName, record: MountRecord, id: string, gone: AbortSignal): Promise<void> {
    const before = this.#records.get(name)
    this.#records.set(name, { ...record, claims: before?.claims ?? new Map() })
    await this.#change(
      () => this.#add(name, id, gone),
      () => (before ? this.#records.set(name, before) : this.#records.delete(name)),
    )
  }

  /** `id` holds the mounted volume once more, or takes over a claim it lost. */
  async claim(name: VolumeName, id: string, gone: AbortSignal): Promise<void> {
    await this.#change(() => this.#add(name, id, gone))
  }

  /** Docker has the answer to the Mount that `gone` belongs to. */
  async answered(name: VolumeName, id: string, gone: AbortSignal): Promise<void> {
    const claim = this.#records.get(name)?.claims.get(id)
    const index = claim?.unanswered.findIndex((answer) => answer.gone === gone) ?? -1
    if (index < 0) return
    claim?.unanswered.splice(index, 1)
    await this.#save()
  }

  /** One claim of `id` less. @returns false when it had none, which changes nothing. */
  release(name: VolumeName, id: string): Promise<boolean> {
    return this.#shrink(name, id, (claim) => {
      claim.count -= 1
      claim.unanswered.length = Math.min(claim.unanswered.length, claim.count)
    })
  }

  /** That very claim less. */
  drop(name: VolumeName, { id, gone }: LostClaim): Promise<boolean> {
    return this.#shrink(name, id, (claim) => {
      const index = claim.unanswered.findIndex((answer) => answer.gone === gone)
      if (index < 0) return
      claim.unanswered.splice(index, 1)
      claim.count -= 1
    })
  }

  /** All claims of `id` that were answered less. */
  forget(name: VolumeName, id: string): Promise<boolean> {
    return this.#shrink(name, id, (claim) => {
      claim.count = claim.unanswered.length
    })
  }

  /** No claim of whatever kind is left. */
  async void(name: VolumeName): Promise<void> {
    const before = this.#records.get(name)
    if (!before) return
    await this.#change(
      () => this.#records.set(name, { ...before, claims: new Map() }),
      () => this.#records.set(name, before),
    )
  }

  /** What is known of a mounted volume has changed; who holds it has not. */
  async update(name: VolumeName, record: MountRecord): Promise<void> {
    const before = this.#records.get(name)
    if (!before) return
    await this.#change(
      () => this.#records.set(name, { ...record, claims: before.claims }),
      () => this.#records.set(name, before),
    )
  }

  /** The volume is no longer mounted here. */
  async end(name: VolumeName): Promise<void> {
    const before = this.#records.get(name)
    if (!before) return
    await this.#change(
      () => this.#records.delete(name),
      () => this.#records.set(name, before),
    )
  }

  /** Claims whose answer nobody waits for any more. */
  lost(name: VolumeName): readonly LostClaim[] {
    return [...(this.#records.get(name)?.claims ?? [])].flatMap(([id, claim]) =>
      claim.unanswered
        .filter((answer) => answer.gone.aborted)
        .map((answer) => ({ id, since: answer.since, inherited: answer.gone === INHERITED, gone: answer.gone })),
    )
  }

  /** Writes the file even if nothing changed: at start, to leave the earlier boot behind. */
  save(): Promise<void> {
    return this.#save()
  }

  async #shrink(name: VolumeName, id: string, shrink: (claim: Claim) => void): Promise<boolean> {
    const claims = this.#records.get(name)?.claims
    const claim = claims?.get(id)
    if (!claims || !claim) return false
    const before = { count: claim.count, unanswered: [...claim.unanswered] }
    await this.#change(
      () => {
        shrink(claim)
        if (claim.count === 0) claims.delete(id)
      },
      () => claims.set(id, before),
    )
    return true
  }

  #add(name: VolumeName, id: string, gone: AbortSignal): () => void {
    const { claims } = this.#records.get(name)!
    const claim = claims.get(id) ?? { count: 0, unanswered: [] }
    const lost = claim.unanswered.findIndex(({ gone: its }) => its.aborted && its !== INHERITED)
    const taken = lost < 0 ? undefined : claim.unanswered.splice(lost, 1)[0]
    const mine = { gone, since: performance.now() }
    claim.unanswered.push(mine)
    if (!taken) claim.count += 1
    claims.set(id, claim)

    return () => {
      claim.unanswered.splice(claim.unanswered.indexOf(mine), 1, ...(taken ? [taken] : []))
      if (!taken) claim.count -= 1
      if (claim.count === 0) claims.delete(id)
    }
  }

  /** Changes what is in memory, then on disk; if the disk refuses, memory is put back. */
  async #change(apply: () => unknown, revert?: () => unknown): Promise<void> {
    const undo = apply()
    try {
      await this.#save()
    } catch (error) {
      if (typeof undo === 'function') undo()
      revert?.()
      throw error
    }
  }

  #save(): Promise<void> {
    return this.#file.save(() => ({ version: 1, boot: this.#boot, mounts: Object.fromEntries(this.#stored()) }))
  }

  *#stored(): Generator<[string, StoredMount]> {
    for (const [name, { claims, publication, ...record }] of this.#records) {
      const stored = [...claims].map(([id, { count, unanswered }]) => [id, { count, unanswered: unanswered.length }])
      yield [name, { ...record, publication: withoutSecrets(publication), claims: Object.fromEntries(stored) }]
    }
  }
}

export interface LostClaim {
  readonly id: string
  /** When the claim was made, or found as this process began: as performance.now() counts. */
  readonly since: number
  /** From before this process began: its answer may have arrived after all. */
  readonly inherited: boolean
  readonly gone: AbortSignal
}

interface Entry extends MountRecord {
  readonly claims: Map<string, Claim>
}

interface Claim {
  count: number
  /** Claims whose answer has not surely reached Docker; never more than `count`. */
  readonly unanswered: { readonly gone: AbortSignal; readonly since: number }[]
}

/** Whoever waited for these answers went with the process that should have given them. */
const INHERITED = AbortSignal.abort()

function restore({ claims, ...record }: StoredMount): Entry {
  const restored = Object.entries(claims).map(([id, { count, unanswered }]): [string, Claim] => [
    id,
    { count, unanswered: Array.from({ length: unanswered }, () => ({ gone: INHERITED, since: performance.now() })) },
  ])
  return { ...record, claims: new Map(restored) }
}
