/** Errors as the array names them. The name is what clients go by: the code is 500 for all of them. */

export class Fault extends Error {
  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

export const missingParameter = (name: string) => new Fault('xMissingParameter', `Missing member=[${name}]`)

export const invalidParameter = (message: string) => new Fault('xInvalidParameter', message)

export const invalidType = (name: string, wanted: string) =>
  new Fault('xInvalidParameterType', `Parameter ${name} must be ${wanted}.`)

export const noVolume = (id: number) => new Fault('xVolumeIDDoesNotExist', `VolumeID ${id} does not exist.`)

export const noAccountId = (id: number) => new Fault('xAccountIDDoesNotExist', `AccountID ${id} does not exist.`)

export const noSnapshot = (id: number) => new Fault('xSnapshotIDDoesNotExist', `SnapshotID ${id} does not exist.`)

export const noAccessGroup = (id: number) =>
  new Fault('xVolumeAccessGroupIDDoesNotExist', `VolumeAccessGroupID ${id} does not exist.`)

export const noInitiator = (which: number | string) =>
  new Fault('xInitiatorDoesNotExist', `Initiator ${which} does not exist.`)

export const noQosPolicy = (id: number) => new Fault('xQoSPolicyDoesNotExist', `QoSPolicyID ${id} does not exist.`)

export const tooMany = (what: string, most: number) =>
  new Fault('xExceededLimit', `Exceeded maximum number of ${what}: ${most}.`)
