/** Config files in a directory that goes away, and what loading them says. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type LoadedConfig, loadConfig } from '../../src/config/load.ts'
import { PluginError } from '../../src/errors.ts'
import { registry } from './drivers.ts'

export function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export type Content = object | string | Uint8Array

/** Loads a config with this content; an object is written as JSON. Nobody else may read the file. */
export function load(
  t: TestContext,
  content: Content,
  env: Readonly<Record<string, string>> = {},
  mode = 0o600,
): Promise<LoadedConfig> {
  const file = join(directory(t), 'config.json')
  const raw = typeof content === 'string' || content instanceof Uint8Array
  writeFileSync(file, raw ? content : JSON.stringify(content, undefined, 1), { mode })
  return loadConfig({ file }, registry, env)
}

/** The code and the sentences of what loading throws; paths shortened to the file's name. */
export async function faultOf(loading: Promise<unknown>): Promise<{ code: string; sentences: readonly string[] }> {
  try {
    await loading
  } catch (error) {
    if (!(error instanceof PluginError)) throw error
    return { code: error.code, sentences: error.message.replace(/\/\S+\/(?=config\.json)/g, '').split('\n') }
  }
  throw new Error('It loaded.')
}
