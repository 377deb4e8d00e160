/** One instance on the fakes, with real state files in a directory of its own. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../../src/context.ts'
import type { AnyDriverDefinition, Driver, OptionValues } from '../../src/drivers/driver.ts'
import { DurableFile } from '../../src/durable-file.ts'
import { silentLog } from '../../src/log.ts'
import { parseVolumeName, type VolumeName } from '../../src/names.ts'
import { recover } from '../../src/volumes/recover.ts'
import { Journal } from '../../src/volumes/state/journal.ts'
import { Known } from '../../src/volumes/state/known.ts'
import { Locks } from '../../src/volumes/state/locks.ts'
import { Mounts } from '../../src/volumes/state/mounts.ts'
import { Reads } from '../../src/volumes/state/reads.ts'
import { type Parts, type VolumeSettings, type Volumes, volumesOf } from '../../src/volumes/volumes.ts'
import { FakeDriver, fakeDefinition } from '../contract/fake-driver.ts'
import { FakeHost } from '../contract/fake-host.ts'

export interface Instance {
  readonly driver: FakeDriver
  readonly host: FakeHost
  readonly parts: Parts
  /** Of the state files. */
  readonly directory: string
  readonly volumes: Volumes
  /** As after a SIGKILL, or with another boot ID after a reboot: only the files, the array and the kernel remain. */
  restarted(boot?: string): Promise<Instance>
  end(): Promise<void>
}

export const MOUNT_ROOT = '/mnt/root'

export async function instance(settings: Partial<VolumeSettings> = {}): Promise<Instance> {
  const directory = await mkdtemp(join(tmpdir(), 'volumes-'))
  return open(directory, new FakeDriver(), new FakeHost(), settings, 'boot-1')
}

async function open(
  directory: string,
  driver: FakeDriver,
  host: FakeHost,
  settings: Partial<VolumeSettings>,
  boot: string,
): Promise<Instance> {
  const definition = fakeDefinition as unknown as AnyDriverDefinition
  const array = { definition, driver: driver as unknown as Driver<OptionValues>, host }
  const parts = await partsIn(directory, array, settings, boot)
  return {
    driver,
    host,
    parts,
    directory,
    volumes: volumesOf(parts),
    async restarted(next = boot) {
      await parts.known.saved()
      return open(directory, driver, host, settings, next)
    },
    async end() {
      await parts.known.saved()
      await rm(directory, { recursive: true })
    },
  }
}

/** An instance's parts as they are at work, after recovery. */
export async function partsIn(
  directory: string,
  array: Pick<Parts, 'definition' | 'driver' | 'host'>,
  settings: Partial<VolumeSettings> = {},
  boot = 'boot-1',
): Promise<Parts> {
  const { mounts, bygone } = await Mounts.open(new DurableFile(join(directory, 'mounts.json')), boot)
  const parts: Parts = {
    ...array,
    journal: await Journal.open(new DurableFile(join(directory, 'journal.json'))),
    known: await Known.open(new DurableFile(join(directory, 'known.json')), silentLog),
    locks: new Locks(),
    mounts,
    reads: new Reads(),
    settings: {
      driverName: 'fake',
      prefix: 'netappdvp_',
      deletePolicy: 'purge',
      allowForeignDelete: false,
      defaults: {},
      mountRoot: MOUNT_ROOT,
      ...settings,
    },
  }
  await recover(parts, asked('recovery').ctx, bygone)
  return parts
}

/** A request and the way to walk away from it. */
export function asked(id = 'test'): { readonly ctx: Context; leave(): void } {
  const gone = new AbortController()
  const ctx = { id, log: silentLog, signal: new AbortController().signal, gone: gone.signal }
  return { ctx, leave: () => gone.abort(new Error('left')) }
}

export const name = (text: string): VolumeName => parseVolumeName(text)
