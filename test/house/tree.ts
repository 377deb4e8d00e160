/** The repository's own files, for tests about them. */

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** TypeScript below a folder, by path relative to the root. */
export function sourcesIn(folder: string): readonly string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(folder, name))
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Code without its comments. Good enough for formatted code: a `//` within text ends the line early. */
export function codeOf(path: string): string {
  return read(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
}

/** What git has, or would take; undefined where there is no repository. */
export function trackedFiles(): readonly string[] | undefined {
  try {
    const args = ['ls-files', '--cached', '--others', '--exclude-standard']
    const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const deleted = execFileSync('git', ['ls-files', '--deleted'], { cwd: root, encoding: 'utf8' }).split('\n')
    return listed.split('\n').filter((path) => path !== '' && !deleted.includes(path))
  } catch {
    return undefined
  }
}
