/** Opening the log file so that nobody can point it elsewhere. */

import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf, HostError, reasonOf } from '../errors.ts'

const FILE_MODE = 0o640
const DIRECTORY_MODE = 0o750

/** A pipe in the file's place would make open(2) wait for a reader; O_NONBLOCK makes it fail instead. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Makes what is missing, the directory too; narrows the mode of a file that nDVP left readable to all.
 *
 * @throws HostError PATH_INVALID when something else has the name | STATE_UNWRITABLE
 */
export async function openForAppend(path: string): Promise<{ handle: FileHandle; size: number }> {
  await makeDirectory(dirname(path))
  const handle = await open(path, FLAGS, FILE_MODE).catch((error) => {
    throw cannotOpen(path, error)
  })
  const { size, isFile } = await handle.stat().then((stats) => ({ size: stats.size, isFile: stats.isFile() }))
  if (isFile) {
    await handle.chmod(FILE_MODE).catch(() => {}) // of another owner: then its mode is that owner's business
    return { handle, size }
  }
  await handle.close()
  throw new HostError('PATH_INVALID', `Cannot open log file ${path}: it is not a regular file. Move it away.`)
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
  } catch (error) {
    if (!['EEXIST', 'ENOTDIR'].includes(errnoOf(error) ?? '')) {
      throw new HostError('STATE_UNWRITABLE', `Cannot make the log directory ${path}: ${reasonOf(error)}.`, {
        cause: error,
      })
    }
  }
  const found = await lstat(path).catch(() => undefined)
  if (found?.isDirectory()) return
  // nDVP's words.
  throw new HostError('PATH_INVALID', `Log path ${path} exists and is not a directory, please remove.`)
}

const WHAT_IS_THERE: Readonly<Record<string, string>> = {
  ELOOP: 'a symbolic link',
  EISDIR: 'a directory',
  ENXIO: 'a pipe or a socket',
}

function cannotOpen(path: string, error: unknown): HostError {
  const found = WHAT_IS_THERE[errnoOf(error) ?? '']
  if (found === undefined) {
    return new HostError('STATE_UNWRITABLE', `Cannot open log file ${path}: ${reasonOf(error)}.`, { cause: error })
  }
  return new HostError('PATH_INVALID', `Cannot open log file ${path}: it is ${found}. Move it away.`, { cause: error })
}
