/** Small files of people, read without trusting their size: `--config=/dev/zero` must not fill the memory. */

import { open, stat } from 'node:fs/promises'
import { errnoOf } from '../errors.ts'

export interface BoundedFile {
  /** Undefined when the file is larger than asked for. */
  readonly bytes: Buffer | undefined
  /** Someone besides the owner may read it. */
  readonly exposed: boolean
}

const READABLE_BY_OTHERS = 0o044

/** @throws the system's error */
export async function readAtMost(path: string, limit: number): Promise<BoundedFile> {
  const file = await open(path)
  try {
    const { mode } = await file.stat()
    const chunks: Buffer[] = []
    for await (const chunk of file.createReadStream({ end: limit, autoClose: false })) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    return { bytes: bytes.length <= limit ? bytes : undefined, exposed: (mode & READABLE_BY_OTHERS) !== 0 }
  } finally {
    await file.close()
  }
}

/** False only when there is nothing of that name; whatever else is wrong with it, reading will tell. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    return errnoOf(error) !== 'ENOENT'
  }
}
