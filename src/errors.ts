/**
 * Every error the plugin tells, by who can put it right. Compare errors by `code`, never by message.
 *
 * A message says what could not be done and to what, what was found, and what to do next.
 */

/** What went wrong, told by who can put it right. */
export abstract class PluginError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code

  constructor(code: Code, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.name = new.target.name
  }
}

/** Whoever typed `docker volume …` can put it right. */
export class RequestError extends PluginError<keyof typeof REQUEST_CODES> {}

/** Whoever keeps /etc/netappdvp can put it right. */
export class ConfigError extends PluginError<keyof typeof CONFIG_CODES> {}

/** The array (or the directory that plays one) refused, or could not be understood. */
export class BackendError extends PluginError<keyof typeof BACKEND_CODES> {}

/** This machine: a tool, a device, a file or a mount. */
export class HostError extends PluginError<keyof typeof HOST_CODES> {}

/** Docker's patience, or ours, ran out. The message names what was waited for. */
export class DeadlineError extends PluginError<'DEADLINE'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('DEADLINE', message, options)
  }
}

/** We were wrong. Never caught to continue; always reported with its stack. */
export class Defect extends PluginError<'DEFECT'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('DEFECT', message, options)
  }
}

/** What each code means; the README's error table is printed from these rows. */
const REQUEST_CODES = {
  REQUEST_INVALID: 'The request is not one Docker makes: its body is empty, truncated, too large or of another shape.',
  NAME_INVALID: 'The volume name has characters, or a length, that volume names may not have.',
  OPTION_UNKNOWN: 'An `-o` option the driver does not have. The nearest known one is named.',
  OPTION_INVALID: 'An `-o` option has a value it cannot take.',
  OPTION_HELP: 'Not a fault: the answer to `-o help`.',
  SIZE_TOO_SMALL: 'The size is below what the driver and filesystem can make.',
  SIZE_TOO_LARGE: 'The size is above what the array or `limitVolumeSize` allows.',
  VOLUME_NOT_FOUND: 'The array was asked and has no such volume.',
  VOLUME_EXISTS: 'A volume of that name exists and differs from what was asked for.',
  VOLUME_IN_USE: 'A container on this host uses the volume.',
  VOLUME_KEPT: 'Removal is switched off by `deletePolicy: retain` or `disableDelete`; the volume is untouched.',
  VOLUME_FOREIGN: 'Somebody else made the volume, as far as the array shows, so it was not removed.',
  SNAPSHOT_NOT_FOUND: 'The volume has no snapshot of that name.',
  NOT_SUPPORTED: 'This driver cannot do that.',
} as const

const CONFIG_CODES = {
  CONFIG_UNREADABLE: 'The config file cannot be read or is not JSON.',
  CONFIG_INVALID: 'The config file has a setting that is unknown, missing or of a wrong value.',
  DRIVER_UNKNOWN: '`storageDriverName` names no driver.',
  ALREADY_RUNNING: 'Another process serves this driver name already.',
} as const

const BACKEND_CODES = {
  UNREACHABLE:
    'The array did not answer, or the directory cannot be reached. The call is repeated within its deadline.',
  UNAUTHORIZED: 'The array refused the credentials or the role lacks a right.',
  NOT_FOUND: 'The object is not on the array.',
  ALREADY_EXISTS: 'The object is on the array already.',
  AMBIGUOUS: 'Several volumes on the array answer to the name; they are listed, and none was touched.',
  BUSY: 'The array asks to come back later.',
  HAS_DEPENDENTS: 'Clones depend on the volume or snapshot, so it was not removed; they are named.',
  FULL: 'There is no room, or the new volume would exceed a limit on space.',
  REFUSED: 'The array refused the call for another reason, which is quoted.',
  CERTIFICATE_REFUSED: "The array's certificate is not the one that is trusted. No password was sent.",
  MALFORMED: 'The answer, or the metadata found, is not of the shape it must have.',
  TOO_OLD: 'The array is older than this driver supports.',
} as const

const HOST_CODES = {
  TOOL_MISSING: 'A program is not installed. The package that brings it is named.',
  COMMAND_FAILED: 'A program ended with a fault; its exit code and words are quoted.',
  COMMAND_TIMEOUT: 'A program did not end in time and was killed.',
  DEVICE_MISSING: 'The block device did not appear.',
  DEVICE_MISMATCH: 'The block device is not the one the array published: another identity or size.',
  DEVICE_UNREADABLE: 'The block device cannot be read.',
  DEVICE_IN_USE: 'Something else holds the block device open exclusively, or another host has begun to format it.',
  DEVICE_NOT_BLANK: 'The device should be blank and is not, so it was not formatted.',
  FILESYSTEM_MISMATCH: 'The device carries another filesystem than the one recorded for the volume.',
  FILESYSTEM_DAMAGED: 'The filesystem check found faults it may not mend unattended.',
  MOUNT_BUSY: 'The mount point is in use and cannot be unmounted.',
  MOUNT_FAILED: 'The mount was refused; the reason is quoted.',
  STALE_MOUNT: 'Something else is mounted at the mount point.',
  STATE_UNREADABLE: 'A file in the state directory cannot be read or is damaged.',
  STATE_UNWRITABLE: 'The state directory cannot be written (read-only or full), so nothing was begun.',
  PATH_INVALID: 'A path the plugin needs is of another kind: not a directory, a symbolic link, too long.',
} as const

const OTHER_CODES = {
  DEADLINE: 'The call took longer than Docker waits. What had begun carries on; ask again for its result.',
  DEFECT: 'A fault in the plugin itself. The log has the stack: please report it.',
} as const

/** Every code with its meaning, in the order the README prints them, grouped by who can put it right. */
export const ERROR_TABLE = [
  { who: 'You, who typed the command', codes: REQUEST_CODES },
  { who: 'Whoever keeps /etc/netappdvp', codes: CONFIG_CODES },
  { who: 'The storage administrator', codes: BACKEND_CODES },
  { who: "The host's administrator", codes: HOST_CODES },
  { who: 'Time, or us', codes: OTHER_CODES },
] as const

export type ErrorCode =
  | keyof typeof REQUEST_CODES
  | keyof typeof CONFIG_CODES
  | keyof typeof BACKEND_CODES
  | keyof typeof HOST_CODES
  | keyof typeof OTHER_CODES

/** True for an error of ours with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is PluginError {
  return error instanceof PluginError && codes.includes(error.code)
}

/** The words of anything thrown, for use inside another message; ends without a full stop. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.trim().replace(/\.$/, '')
}

/** The operating system's name for a fault (`ENOENT`), if it is one. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : undefined
}
