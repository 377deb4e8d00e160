/** Faults of the filesystem in the words of an array. */

import { BackendError, errnoOf, PluginError, reasonOf } from '../../errors.ts'

/** Undefined for these faults, thrown on for others. */
export function ignore(error: unknown, ...codes: readonly string[]): undefined {
  if (codes.includes(errnoOf(error) ?? '')) return undefined
  throw error
}

/** Runs `work`; what it throws says what could not be done. @throws BackendError */
export async function translate<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof PluginError) throw error
    throw new BackendError(codeOf(errnoOf(error)), `Cannot ${what}: ${reasonOf(error)}.`, { cause: error })
  }
}

function codeOf(errno: string | undefined): BackendError['code'] {
  switch (errno) {
    case 'ENOENT':
      return 'NOT_FOUND'
    case 'EEXIST':
    case 'ENOTEMPTY':
      return 'ALREADY_EXISTS'
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return 'FULL'
    case 'EIO':
    case 'ESTALE':
      return 'UNREACHABLE'
    default:
      return 'REFUSED'
  }
}
