/**
 * The kernel's own file system for setting things up: directories are objects, files are their attributes.
 *
 * Linux documents it in Documentation/filesystems/configfs.rst, and the target's part of it in
 * Documentation/target/.
 */

import { constants } from 'node:fs'
import { mkdir, readdir, rmdir, symlink, unlink, writeFile } from 'node:fs/promises'

/** Makes an object; one that is there is left. The kernel may load a module for it. */
export async function makeObject(path: string): Promise<void> {
  await mkdir(path).catch(unless('EEXIST', `Cannot make ${path}`))
}

/** Ends an object; one that is not there is fine. */
export async function removeObject(path: string): Promise<void> {
  await rmdir(path).catch(unless('ENOENT', `Cannot remove ${path}`))
}

/** @throws Error that does not repeat the value, which may be a secret */
export async function setAttribute(path: string, value: string | number): Promise<void> {
  // Some can only be written, and none is ever made: a missing one is a kernel that does not know it. And no line
  // ends: that would be part of a CHAP secret.
  await writeFile(path, String(value), { flag: constants.O_WRONLY }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`Cannot set ${path}: ${error.code}. The kernel may be too old; see "dmesg".`, { cause: error })
  })
}

export async function linkObject(target: string, path: string): Promise<void> {
  await symlink(target, path).catch(unless('EEXIST', `Cannot link ${path}`))
}

export async function unlinkObject(path: string): Promise<void> {
  await unlink(path).catch(unless('ENOENT', `Cannot unlink ${path}`))
}

/** Names in a directory; none when it is not there. */
export function namesIn(path: string): Promise<readonly string[]> {
  return readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}

function unless(code: string, words: string) {
  return (error: NodeJS.ErrnoException) => {
    if (error.code !== code) throw new Error(`${words}: ${error.code}. See "dmesg".`, { cause: error })
  }
}
