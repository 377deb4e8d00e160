/** What a build says about where it came from. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Stamps {
  /** From package.json. */
  readonly version: string
  /** The commit; `custom` when the tree differs from it, or there is none. */
  readonly build: string
  /** When the commit was made, so that building it again gives the same bytes; else SOURCE_DATE_EPOCH, else 1970. */
  readonly built: string
}

/** Fixed, because git's own choice grows with the number of objects in the clone. */
const COMMIT_LENGTH = 12

export function readStamps(root: string): Stamps {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const commit = git(root, 'rev-parse', `--short=${COMMIT_LENGTH}`, 'HEAD')
  const clean = commit !== undefined && git(root, 'status', '--porcelain') === ''
  const seconds = git(root, 'log', '-1', '--format=%ct') ?? process.env['SOURCE_DATE_EPOCH'] ?? '0'
  return {
    version,
    build: clean ? commit : 'custom',
    built: new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z'),
  }
}

function git(root: string, ...args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}
