/** Every file, or part of one, that is printed from the code: what it should say. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configSchemaOf } from '../../src/config/schema.ts'
import { drivers } from '../../src/drivers/registry.ts'
import { replaceBlocks } from './blocks.ts'
import { errorTable, flagsTable, optionsTable, settingsTable, simulateFlagsTable } from './tables.ts'

/** By path below `root`. */
export function generated(root: string): ReadonlyMap<string, string> {
  const schemas = Object.entries(drivers).map(([name, definition]): [string, string] => {
    const path = `etc-netappdvp/${name}.schema.json`
    return [path, formatted(root, path, JSON.stringify(configSchemaOf(name, definition)))]
  })
  return new Map([...schemas, ['README.md', replaceBlocks(readFileSync(join(root, 'README.md'), 'utf8'), blocks())]])
}

function blocks(): ReadonlyMap<string, string> {
  const perDriver = Object.entries(drivers).flatMap(([name, definition]): [string, string][] => [
    [`settings of ${name}`, settingsTable(name, definition)],
    [`options of ${name}`, optionsTable(definition)],
  ])
  const flags: [string, string][] = [
    ['flags', flagsTable()],
    ['flags of simulate', simulateFlagsTable('element')],
    ['flags of simulate ontap', simulateFlagsTable('ontap')],
  ]
  return new Map([...flags, ...perDriver, ['errors', errorTable()]])
}

/** As `npm run format` would leave it. */
function formatted(root: string, path: string, text: string): string {
  const biome = join(root, 'node_modules/.bin/biome')
  const args = ['format', '--config-path=scripts/lint.json', `--stdin-file-path=${path}`]
  return execFileSync(biome, args, { cwd: root, encoding: 'utf8', input: text })
}
