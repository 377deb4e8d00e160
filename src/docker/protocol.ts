/**
 * Docker's words: the volume plugin protocol, version 1.
 *
 * @see https://docs.docker.com/engine/extend/plugins_volume/
 * @see moby: volume/drivers/proxy.go (fields, time limits), pkg/plugins/client.go (repeats)
 */

/** Of every answer. */
export const CONTENT_TYPE = 'application/vnd.docker.plugins.v1.1+json'

/** The largest body taken. Docker's largest is a Create with options, far below; checking this much takes 50 ms. */
export const BODY_LIMIT = 128 * 1024

/** What Docker grants a call, less the time to answer: it waits 120 s for Create and Mount and 60 s for the others. */
export const LONG_PATIENCE_MS = 110_000
export const PATIENCE_MS = 50_000
/** `docker volume ls` asks every driver and shows cached names when one fails, so failing early serves it better. */
export const LIST_PATIENCE_MS = 5_000

const name = { type: 'string' } as const

/** Bodies that name a volume. More keys are taken: newer engines may add some. */
export const NAMED = {
  $id: 'docker/named',
  type: 'object',
  required: ['Name'],
  properties: { Name: name },
} as const

/** `Opts` is null when no `-o` was given (seen on 20.10). */
export const CREATE = {
  $id: 'docker/create',
  type: 'object',
  required: ['Name'],
  properties: {
    Name: name,
    Opts: { type: ['object', 'null'], additionalProperties: { type: 'string' } },
  },
} as const

/** Mount and Unmount: `ID` is made once per container and volume, and used again for `docker cp`. */
export const MOUNT = {
  $id: 'docker/mount',
  type: 'object',
  required: ['Name', 'ID'],
  properties: { Name: name, ID: { type: 'string', minLength: 1, maxLength: 1024 } },
} as const

/** List and Capabilities carry `{}`; Activate carries nothing. */
export const ANYTHING = { $id: 'docker/anything' } as const

export const REQUEST_SCHEMAS = [NAMED, CREATE, MOUNT, ANYTHING] as const

export interface NamedBody {
  readonly Name: string
}

export interface CreateBody extends NamedBody {
  readonly Opts?: Readonly<Record<string, string>> | null
}

export interface MountBody extends NamedBody {
  readonly ID: string
}
