/**
 * What is kept with a volume in its attributes: less than 1000 bytes of JSON, replaced as a whole with every change, so
 * that what others keep there has to be written back.
 *
 * | attribute           | whose           | what                                                        |
 * |---------------------|-----------------|-------------------------------------------------------------|
 * | `docker-name`       | nDVP's too      | the volume's name in Docker                                 |
 * | `fstype`            | nDVP's too      | its filesystem                                              |
 * | `netappdvp-version` | ours            | which version made it                                       |
 * | `netappdvp-format`  | ours            | `new`, `formatting UUID HOST` or `ready UUID`               |
 * | `netappdvp-intent`  | ours            | the attempt that made it, until somebody counts on it       |
 * | `netappdvp-from`    | ours            | the volume it was cloned from                               |
 * | `platform`          | nDVP            | `Docker-NDVP`                                               |
 * | `trident`           | Trident         | JSON about its maker                                        |
 */

import type { ElementAttributes } from '../../backends/element/element.ts'
import { BackendError } from '../../errors.ts'
import { FILESYSTEMS, type Filesystem, type Format } from '../../publication.ts'
import { version } from '../../version.ts'
import type { IntentId } from '../driver.ts'

export const DOCKER_NAME = 'docker-name'
const FILESYSTEM = 'fstype'
const VERSION = 'netappdvp-version'
const FORMAT = 'netappdvp-format'
const INTENT = 'netappdvp-intent'
const FROM = 'netappdvp-from'

export interface Marks {
  readonly dockerName: string
  readonly filesystem: Filesystem
  readonly format: Format
  readonly intent: IntentId
  readonly clonedFrom?: string
}

/** The attributes of a volume that is being made. */
export function attributesOf({ dockerName, filesystem, format, intent, clonedFrom }: Marks): ElementAttributes {
  return {
    [DOCKER_NAME]: dockerName,
    [FILESYSTEM]: filesystem,
    [VERSION]: version.text,
    [FORMAT]: printFormat(format),
    [INTENT]: intent,
    ...(clonedFrom !== undefined && { [FROM]: clonedFrom }),
  }
}

/** The attributes of a snapshot: what the volume was then, for clones of it. */
export function snapshotAttributesOf(format: Format, intent: IntentId): ElementAttributes {
  return { [FORMAT]: printFormat(format), [INTENT]: intent }
}

/** The same attributes with the format moved on. The intent goes: somebody counts on the volume now. */
export function withFormat(attributes: ElementAttributes, format: Format): ElementAttributes {
  return { ...withoutIntent(attributes), [FORMAT]: printFormat(format) }
}

export function withoutIntent({ [INTENT]: _, ...attributes }: ElementAttributes): ElementAttributes {
  return attributes
}

/** True for a volume that neither this product nor nDVP or Trident made, as far as it shows. */
export function isForeign(attributes: ElementAttributes): boolean {
  return (
    ![DOCKER_NAME, VERSION, 'trident'].some((mark) => mark in attributes) && attributes['platform'] !== 'Docker-NDVP'
  )
}

export function intentIn(attributes: ElementAttributes): IntentId | undefined {
  const intent = attributes[INTENT]
  return typeof intent === 'string' ? (intent as IntentId) : undefined
}

export function clonedFromIn(attributes: ElementAttributes): string | undefined {
  const from = attributes[FROM]
  return typeof from === 'string' ? from : undefined
}

/** nDVP knew only ext4 before 17.10, and did not copy the mark to clones: then the disk alone knows. */
export function filesystemIn(attributes: ElementAttributes): Filesystem {
  return FILESYSTEMS.find((filesystem) => filesystem === attributes[FILESYSTEM]) ?? 'ext4'
}

/**
 * How far the volume has been formatted. One that others made counts as formatted, with whatever filesystem the disk
 * turns out to have: nothing there says that it was never written to.
 *
 * @param owner for messages: what the attributes belong to
 * @throws BackendError MALFORMED
 */
export function formatIn(attributes: ElementAttributes, owner: string): Format {
  const text = attributes[FORMAT]
  if (text === undefined) return { state: 'ready' }
  const [, state, uuid = '', host = ''] =
    /^(new|ready|formatting)(?: ([0-9a-f-]{36}))?(?: (\S+))?$/.exec(String(text)) ?? []
  if (state === 'new') return { state }
  if (state === 'ready') return { state, ...(uuid && { uuid }) }
  if (state === 'formatting' && uuid && host) return { state, uuid, host }
  throw new BackendError(
    'MALFORMED',
    `Cannot tell whether ${owner} was ever formatted: its attribute "${FORMAT}" is ${JSON.stringify(text)}. It was left alone; if it holds data, set the attribute to "ready".`,
  )
}

export function hasFormat(attributes: ElementAttributes): boolean {
  return FORMAT in attributes
}

/** As the attribute has it. */
export function printFormat(format: Format): string {
  switch (format.state) {
    case 'new':
      return 'new'
    case 'formatting':
      return `formatting ${format.uuid} ${format.host}`
    case 'ready':
      return format.uuid === undefined ? 'ready' : `ready ${format.uuid}`
  }
}
