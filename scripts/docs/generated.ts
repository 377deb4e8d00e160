/** Every file, or part of one, that is printed from the code: what it should say. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configSchemaOf } from '../../src/config/schema.ts'
import { drivers } from '../../src/drivers/registry.ts'
import { replaceBlocks } from './blocks.ts'
import {
  beyond,
  errorTable,
  flagsTable,
  type Listing,
  optionsOfDriver,
  printed,
  settingsOfDriver,
  shared,
  simulateFlagsTable,
} from './tables.ts'

/** By path below `root`. */
export function generated(root: string): ReadonlyMap<string, string> {
  const schemas = Object.entries(drivers).map(([name, definition]): [string, string] => {
    const path = `etc-netappdvp/${name}.schema.json`
    return [path, formatted(root, path, JSON.stringify(configSchemaOf(name, definition)))]
  })
  return new Map([...schemas, ['README.md', replaceBlocks(readFileSync(join(root, 'README.md'), 'utf8'), blocks())]])
}

function blocks(): ReadonlyMap<string, string> {
  const names = Object.keys(drivers)
  const settings = new Map(Object.entries(drivers).map(([name, driver]) => [name, settingsOfDriver(name, driver)]))
  const options = new Map(Object.entries(drivers).map(([name, driver]) => [name, optionsOfDriver(driver)]))
  return new Map([
    ['flags', flagsTable()],
    ['flags of simulate', simulateFlagsTable('element')],
    ['flags of simulate ontap', simulateFlagsTable('ontap')],
    ['settings of every driver', printed(shared([...settings.values()]), INERT_SETTINGS)],
    ['options of every driver', printed(shared([...options.values()]), INERT_OPTIONS)],
    ...names.map((name): [string, string] => [`settings of ${name}`, printed(own(name, settings), INERT_SETTINGS)]),
    ...names.map((name): [string, string] => [`options of ${name}`, printed(own(name, options), INERT_OPTIONS)]),
    ['errors', errorTable()],
  ])
}

const INERT_SETTINGS = 'Taken without effect, with a warning that says why'
const INERT_OPTIONS = 'Taken without effect, so that one Compose file serves several drivers'

/** Drivers of which README says that they have what another has, and what else. */
export const LIKE: Readonly<Record<string, string>> = {
  'ontap-nas-economy': 'ontap-nas',
  'ontap-nas-flexgroup': 'ontap-nas',
}

/** What README has not said of the driver where it speaks of every driver, or of the one it is like. */
function own(name: string, listings: ReadonlyMap<string, Listing>): Listing {
  const like = LIKE[name]
  return beyond(listings.get(name)!, [shared([...listings.values()]), ...(like ? [listings.get(like)!] : [])])
}

/** As `npm run format` would leave it. */
function formatted(root: string, path: string, text: string): string {
  const biome = join(root, 'node_modules/.bin/biome')
  const args = ['format', '--config-path=scripts/lint.json', `--stdin-file-path=${path}`]
  return execFileSync(biome, args, { cwd: root, encoding: 'utf8', input: text })
}
