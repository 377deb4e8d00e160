/** The sizes volumes may have. */

import { RequestError } from '../../errors.ts'
import { type Bytes, printSize, roundUp } from '../../units.ts'
import type { Parts } from '../volumes.ts'
import type { CreateRequest } from './options.ts'

/** The size a new volume gets. @throws RequestError SIZE_TOO_SMALL | SIZE_TOO_LARGE */
export function newSize(parts: Parts, request: CreateRequest): Bytes {
  const { definition } = parts
  const asked = request.size ?? request.defaultSize
  const least = definition.minimumSize(request.options as never)
  if (asked < least) {
    const filesystem = request.options['fileSystemType']
    throw new RequestError(
      'SIZE_TOO_SMALL',
      `Requested volume size (${asked} bytes) is too small.  The minimum volume size is ${least} bytes (${printSize(least)})${filesystem === undefined ? '' : ` with ${filesystem}`}.`,
    )
  }
  return atMost(parts, roundUp(asked, definition.sizeStep))
}

/** The size asked for where a volume of `size` is there already. @throws RequestError SIZE_TOO_SMALL | SIZE_TOO_LARGE */
export function grownSize(parts: Parts, asked: Bytes, size: Bytes, what: string): Bytes {
  const grown = roundUp(asked, parts.definition.sizeStep)
  if (grown >= size) return atMost(parts, grown)
  throw new RequestError(
    'SIZE_TOO_SMALL',
    `Requested volume size ${printSize(asked)} is too small: ${what} has ${printSize(size)}, and volumes only grow.`,
  )
}

function atMost({ driver, settings }: Parts, size: Bytes): Bytes {
  const largest = driver.maximumSize
  if (largest !== undefined && size > largest) {
    throw new RequestError(
      'SIZE_TOO_LARGE',
      `Requested volume size ${printSize(size)} is above the array's limit of ${printSize(largest)} a volume. Ask for less.`,
    )
  }
  const most = settings.limitVolumeSize
  if (most === undefined || size <= most) return size
  throw new RequestError(
    'SIZE_TOO_LARGE',
    `Requested volume size ${printSize(size)} is above limitVolumeSize, which is ${printSize(most)}. Ask for less, or raise the limit in the configuration.`,
  )
}
