/** Directories the plugin needs: there, or able to be made. */

import { constants } from 'node:fs'
import { access, lstat, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Finding } from '../config/finding.ts'
import { errnoOf, reasonOf } from '../errors.ts'

export async function checkDirectory(path: string): Promise<Finding> {
  const at = (level: Finding['level'], message: string, remedy?: string): Finding => ({
    level,
    subject: path,
    message,
    ...(remedy !== undefined && { remedy }),
  })

  const kind = await kindOf(path)
  if (kind === undefined) return checkAncestor(path, at)
  if (kind !== 'a directory') return at('error', `It is ${kind} where a directory must be.`, 'Move it away.')
  const fault = await writeFault(path)
  if (fault === undefined) return at('ok', 'The directory is there.')
  return at('error', `The directory cannot be written: ${fault}.`, 'Mount its filesystem writable, and run as root.')
}

type At = (level: Finding['level'], message: string, remedy?: string) => Finding

/** Makes nothing: only looks at the nearest directory that is there. */
async function checkAncestor(path: string, at: At): Promise<Finding> {
  const ancestor = await nearestAncestor(path)
  if (!(await stat(ancestor)).isDirectory()) {
    return at('error', `It cannot be made: ${ancestor} is not a directory.`, `Move ${ancestor} away.`)
  }
  const fault = await writeFault(ancestor)
  if (fault === undefined) return at('ok', 'The directory will be made.')
  return at('error', `It cannot be made: ${ancestor} cannot be written (${fault}).`, 'Make it as root.')
}

/** Undefined for nothing there, also when a part of the path is not a directory. */
async function kindOf(path: string): Promise<string | undefined> {
  try {
    const found = await lstat(path)
    if (found.isDirectory()) return 'a directory'
    return found.isSymbolicLink() ? 'a symbolic link' : 'a file'
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return undefined
    return `something unreadable (${reasonOf(error)})`
  }
}

/** The root is always there, so this ends. */
async function nearestAncestor(path: string): Promise<string> {
  const parent = dirname(path)
  return parent === path || (await kindOf(parent)) !== undefined ? parent : nearestAncestor(parent)
}

/** access(2) tells a read-only filesystem even to root. */
async function writeFault(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}
