/** Volumes of an ONTAP array as files of a real NFS server: the Linux kernel's. */

import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { NfsNamespace } from '../data-plane/nfs-namespace.ts'
import { ensurePrograms } from '../data-plane/nfs-programs.ts'
import { openRoom, type Room } from '../data-plane/nfs-room.ts'
import { type NfsServer, openNfsServer } from '../data-plane/nfs-server.ts'
import { openNfsVolumes } from '../data-plane/nfs-volumes.ts'
import type { OntapDataPlane } from './keeper.ts'
import { type NfsView, nfsView } from './nfs-view.ts'
import type { Effect } from './state/effect.ts'
import type { OntapArray } from './state.ts'
import { VolumeBytes } from './volume-bytes.ts'

export interface DataPlaneSettings {
  readonly directory: string
  /** Whether the bytes outlive this process; else closing removes them. */
  readonly keep: boolean
}

/** Serves all volumes of the array. @throws Error when the machine cannot do it */
export async function openOntapDataPlane(array: OntapArray, settings: DataPlaneSettings): Promise<OntapDataPlane> {
  if (process.getuid?.() !== 0)
    throw new Error('A data plane needs root: it makes mounts and has the kernel serve them.')
  await ensurePrograms()
  // Loop devices name their files by the whole path.
  const directory = resolve(settings.directory)
  const places = { root: join(directory, 'namespace'), own: join(directory, 'server') }
  // Of an earlier process that did not end in order. Its mounts have ended with it, and only directories are left.
  await rm(places.root, { recursive: true, force: true })
  for (const place of Object.values(places)) await mkdir(place, { recursive: true, mode: 0o755 })
  const room = await openRoom()
  const opened = { array, room, directory, keep: settings.keep }
  const plane = await openIn(opened, places).catch(async (error: unknown) => {
    await room.close()
    throw error
  })

  // One change after the other: the kernel is the same for all.
  let last: Promise<unknown> = Promise.resolve()
  let closed = false
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(() => {
      if (closed) throw new Error('The data plane is closed.')
      return work()
    })
    last = done.catch(() => {})
    return done
  }
  return {
    apply: (effects) => inTurn(() => plane.apply(effects)),
    setNfs: (enabled) => inTurn(() => plane.setNfs(enabled)),
    close: () =>
      inTurn(() => plane.close()).finally(() => {
        closed = true
      }),
  }
}

interface Opened {
  readonly array: OntapArray
  readonly room: Room
  readonly directory: string
  readonly keep: boolean
}

async function openIn(opened: Opened, places: { readonly root: string; readonly own: string }): Promise<Plane> {
  const { room, directory } = opened
  const server = await openNfsServer(room, { directory: places.own, root: places.root })
  const volumes = await openNfsVolumes(room, directory)
  const bytes = new VolumeBytes(opened.array, volumes)
  const plane = new Plane(opened, server, bytes, new NfsNamespace(room, volumes, places.root))
  await plane.begin().catch(async (error: unknown) => {
    await plane.close().catch(() => {})
    throw error
  })
  return plane
}

class Plane {
  readonly #array: OntapArray
  readonly #room: Room
  readonly #keep: boolean
  readonly #server: NfsServer
  readonly #bytes: VolumeBytes
  readonly #namespace: NfsNamespace
  readonly #timer: NodeJS.Timeout
  #enabled = true
  #listening = ''
  #exported = ''

  constructor({ array, room, keep }: Opened, server: NfsServer, bytes: VolumeBytes, namespace: NfsNamespace) {
    this.#array = array
    this.#room = room
    this.#keep = keep
    this.#server = server
    this.#bytes = bytes
    this.#namespace = namespace
    this.#timer = setInterval(() => void bytes.measure(), MEASURE_MS).unref()
  }

  async begin(): Promise<void> {
    // All of them are about what is there now.
    this.#array.effects.splice(0)
    await this.#bytes.begin()
    await this.#refresh(new Set())
  }

  async apply(effects: readonly Effect[]): Promise<void> {
    const failures: unknown[] = []
    for (const effect of effects) await this.#bytes.carryOut(effect).catch((error: unknown) => failures.push(error))
    await this.#refresh(new Set(effects.flatMap((effect) => (effect.kind === 'restore' ? effect.volume : []))))
    if (failures.length > 0) throw failures[0]
  }

  async setNfs(enabled: boolean): Promise<void> {
    this.#enabled = enabled
    await this.#refresh(new Set())
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#server.close()
    await this.#namespace.close()
    await this.#bytes.unmount(this.#keep)
    await this.#room.close()
    await this.#bytes.unused()
  }

  /** Makes volumes, namespace and server what the array says now. @param anew volumes that have become others */
  async #refresh(anew: ReadonlySet<string>): Promise<void> {
    await this.#bytes.refresh()
    const view = nfsView(this.#array)
    const mounts = view.mounts.filter(({ volume }) => this.#bytes.has(volume))
    const changed = await this.#namespace.show(mounts, anew)
    await this.#refreshServer(view, changed)
  }

  async #refreshServer({ exports, addresses, versions }: NfsView, changed: boolean): Promise<void> {
    const exported = JSON.stringify(exports)
    if (changed || exported !== this.#exported) await this.#server.setExports(exports)
    this.#exported = exported
    const listening = JSON.stringify([this.#enabled, addresses, versions])
    if (listening === this.#listening) return
    if (this.#enabled) await this.#server.start({ addresses, versions })
    else await this.#server.stop()
    this.#listening = listening
  }
}

const MEASURE_MS = 2000
