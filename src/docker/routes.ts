/**
 * One row a call of Docker's: its path, its body, how long Docker waits, and which verb answers.
 *
 * What a row does when it cannot answer follows from how Docker reads silence and errors, seen on dockerd 20.10.24:
 * - an error to Get means "no such volume": Docker drops its record, makes a *local* volume of that name for the next
 *   container, and sends no Unmount when the present one ends. So `unsure: 'cut'` rows say an error only when the array
 *   has said so; else they close the connection, which Docker reads as "could not ask";
 * - a Get that is cut while dockerd itself starts makes it forget the volume, and a later container gets a local one. So a
 *   volume that was there is told of even while the array is away (volumes/state/known.ts);
 * - a call whose connection broke is repeated after 1, 2, 4 and 8 s, its body read away meanwhile. So an empty body is
 *   a repeat, never an empty name: `empty: 'cut'` rows close the connection again, `'refuse'` rows do nothing and say so.
 *   (Where nobody listened at all, the repeat has its body.) List needs no body; cutting it would hold up
 *   `docker volume ls` for 15 s;
 * - a Mount that failed is not unmounted, and the next try has another ID; an Unmount that failed is not repeated.
 *   The ID of a container whose Unmount was missed comes again with its next run;
 * - `docker cp` mounts and unmounts with the running container's own ID;
 * - Capabilities that fail, or name a scope Docker does not know, mean local; they are asked for anew with each use.
 */

import type { Context } from '../context.ts'
import { parseVolumeName } from '../names.ts'
import { mapInSlices } from '../slices.ts'
import { rememberedView, type VolumeView } from '../volumes/inspect.ts'
import type { Known } from '../volumes/state/known.ts'
import type { Volumes } from '../volumes/volumes.ts'
import {
  ANYTHING,
  CREATE,
  type CreateBody,
  LIST_PATIENCE_MS,
  LONG_PATIENCE_MS,
  MOUNT,
  type MountBody,
  NAMED,
  type NamedBody,
  PATIENCE_MS,
} from './protocol.ts'

export interface Route {
  readonly path: string
  /** In the log: `Mount`. */
  readonly verb: string
  readonly body: { readonly $id: string }
  readonly patienceMs: number
  readonly empty: 'take' | 'refuse' | 'cut'
  readonly unsure: 'tell' | 'cut'
  /** Absent on calls that need no driver: they are answered at once, whatever the array does. */
  readonly answer?: (volumes: Volumes, ctx: Context, body: never) => Promise<object>
  readonly constant?: object
  /** What can be told while there is no driver yet, because the array is away; undefined: nothing, so the call waits. */
  readonly meanwhile?: (known: Known, reason: string, body: never) => object | undefined
  /** Runs when the answer has surely been handed to Docker. */
  readonly answered?: (volumes: Volumes, ctx: Context, body: never) => Promise<void>
}

export const ROUTES: readonly Route[] = [
  row('/Plugin.Activate', {
    body: ANYTHING,
    empty: 'take',
    constant: { Implements: ['VolumeDriver'] },
  }),
  row('/VolumeDriver.Capabilities', {
    body: ANYTHING,
    empty: 'take',
    constant: { Capabilities: { Scope: 'global' } },
  }),
  row<CreateBody>('/VolumeDriver.Create', {
    body: CREATE,
    patienceMs: LONG_PATIENCE_MS,
    answer: async (volumes, ctx, { Name, Opts }) => {
      await volumes.create(ctx, parseVolumeName(Name), Opts ?? {})
      return {}
    },
  }),
  row<NamedBody>('/VolumeDriver.Remove', {
    body: NAMED,
    answer: async (volumes, ctx, { Name }) => {
      await volumes.remove(ctx, parseVolumeName(Name))
      return {}
    },
  }),
  row<MountBody>('/VolumeDriver.Mount', {
    body: MOUNT,
    patienceMs: LONG_PATIENCE_MS,
    answer: async (volumes, ctx, { Name, ID }) => ({ Mountpoint: await volumes.mount(ctx, parseVolumeName(Name), ID) }),
    answered: (volumes, ctx, { Name, ID }) => volumes.answered(ctx, parseVolumeName(Name), ID),
  }),
  row<MountBody>('/VolumeDriver.Unmount', {
    body: MOUNT,
    answer: async (volumes, ctx, { Name, ID }) => {
      await volumes.unmount(ctx, parseVolumeName(Name), ID)
      return {}
    },
  }),
  row<NamedBody>('/VolumeDriver.Path', {
    body: NAMED,
    empty: 'cut',
    unsure: 'cut',
    answer: async (volumes, ctx, { Name }) => ({ Mountpoint: (await volumes.path(ctx, parseVolumeName(Name))) ?? '' }),
  }),
  row<NamedBody>('/VolumeDriver.Get', {
    body: NAMED,
    empty: 'cut',
    unsure: 'cut',
    answer: async (volumes, ctx, { Name }) => ({ Volume: reply(await volumes.get(ctx, parseVolumeName(Name))) }),
    meanwhile: (known, reason, { Name }) => {
      const name = parseVolumeName(Name)
      return known.has(name) ? { Volume: reply(rememberedView(name, reason)) } : undefined
    },
  }),
  row('/VolumeDriver.List', {
    body: ANYTHING,
    empty: 'take',
    patienceMs: LIST_PATIENCE_MS,
    answer: async (volumes, ctx) => ({ Volumes: await repliesOf(await volumes.list(ctx)) }),
  }),
]

interface Row<Body> extends Partial<Omit<Route, 'answer' | 'answered' | 'meanwhile'>> {
  readonly meanwhile?: (known: Known, reason: string, body: Body) => object | undefined
  readonly body: Route['body']
  readonly answer?: (volumes: Volumes, ctx: Context, body: Body) => Promise<object>
  readonly answered?: (volumes: Volumes, ctx: Context, body: Body) => Promise<void>
}

function row<Body>(path: string, given: Row<Body>): Route {
  const verb = path.slice(path.indexOf('.') + 1)
  return { path, verb, patienceMs: PATIENCE_MS, empty: 'refuse', unsure: 'tell', ...given }
}

/** Made once for all who are answered with the same list. */
function repliesOf(views: readonly VolumeView[]): Promise<readonly object[]> {
  const replies = REPLIES.get(views) ?? mapInSlices(views, reply)
  REPLIES.set(views, replies)
  return replies
}

const REPLIES = new WeakMap<readonly VolumeView[], Promise<readonly object[]>>()

function reply({ name, mountpoint, createdAt, status }: VolumeView): object {
  return {
    Name: name,
    ...(mountpoint !== undefined && { Mountpoint: mountpoint }),
    ...(createdAt && { CreatedAt: createdAt.toISOString() }),
    ...(status && { Status: status }),
  }
}
