/** Who may import whom. src/README.md has the picture. */

import assert from 'node:assert/strict'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { codeOf, sourcesIn } from './tree.ts'

/** Which folders of src/ each folder may import. Files directly in src/ are open to all, and import only each other. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  cli: ['config', 'daemon', 'drivers', 'host', 'simulators/*'],
  daemon: ['config', 'docker', 'volumes', 'volumes/*', 'drivers', 'host'],
  docker: ['volumes', 'volumes/*'],
  config: ['drivers'],
  volumes: ['volumes/*', 'drivers', 'host'],
  'volumes/*': ['volumes', 'drivers'],
  'drivers/*': ['drivers', 'drivers/ontap', 'backends/*'],
  drivers: ['drivers/*'],
  'backends/*': ['backends'],
  'backends/ontap': ['backends', 'backends/ontap/*'],
  'backends/ontap/*': ['backends/ontap', 'backends'],
  backends: [],
  host: ['host/*'],
  'host/*': ['host'],
  simulators: [],
  'simulators/*': ['simulators', 'simulators/data-plane'],
  '': [],
}

/** Where only types may be imported: what runs is handed in. */
const TYPES_ONLY = [
  'config → drivers',
  'volumes → drivers',
  'volumes → host',
  ...['state', 'request'].flatMap((part) => [`volumes/${part} → volumes`, `volumes/${part} → drivers`]),
]

for (const path of sourcesIn('src')) {
  test(`${path} imports only what its layer may`, () => {
    const from = layerOf(path)
    for (const { target, isType } of importsOf(path)) {
      const to = layerOf(join(dirname(path), target))
      if (to === '' || to === from) continue
      const allowed = MAY_IMPORT[from] ?? MAY_IMPORT[anyOf(from)] ?? []
      assert.ok(allowed.includes(to) || allowed.includes(anyOf(to)), `"${from}" may not import "${to}" (${target})`)
      if (TYPES_ONLY.includes(`${from} → ${to}`)) {
        assert.ok(isType, `"${from}" may import only types of "${to}", not values (${target})`)
      }
    }
  })
}

test('only host/command.ts starts programs, and a simulated array its own', () => {
  const starters = sourcesIn('src').filter((path) => codeOf(path).includes('node:child_process'))
  assert.deepEqual(starters, ['src/host/command.ts', 'src/simulators/data-plane/program.ts'])
})

test('a simulated array borrows nothing of the plugin: it would agree with its mistakes', () => {
  for (const path of sourcesIn('src').filter((path) => path.startsWith('src/simulators/'))) {
    const strangers = importsOf(path).filter(({ target }) => !join(dirname(path), target).startsWith('src/simulators/'))
    assert.deepEqual(strangers, [], path)
  }
})

test('the daemon never loads a simulated array', () => {
  const users = sourcesIn('src').filter(
    (path) =>
      !path.startsWith('src/simulators/') &&
      importsOf(path).some(({ target }) => join(dirname(path), target).startsWith('src/simulators/')),
  )
  assert.deepEqual(users, ['src/cli/simulate.ts'])
})

test('nobody writes to the console past the log', () => {
  const talkers = sourcesIn('src').filter((path) => /\bconsole\s*\.\s*\w+\(/.test(codeOf(path)))
  assert.deepEqual(talkers, [])
})

test('nothing is of type any', () => {
  const lax = [...sourcesIn('bin'), ...sourcesIn('src')].filter((path) => /(?:[:<|&,]|\bas)\s*any\b/.test(codeOf(path)))
  assert.deepEqual(lax, [])
})

/** Folders further down that are a layer of their own: nobody but the folder around them knows them. */
const INNER = ['backends/ontap/rest', 'backends/ontap/zapi']

/** `src/drivers/local-file/store.ts` → `drivers/local-file`; `src/host/mount.ts` → `host`; `src/errors.ts` → ``. */
function layerOf(path: string): string {
  const folder = relative('src', dirname(path))
  return INNER.includes(folder) ? folder : folder.split('/').slice(0, 2).join('/')
}

/** `drivers/local-file` → `drivers/*` */
function anyOf(layer: string): string {
  return layer.replace(/\/[^/]*$/, '/*')
}

interface Import {
  readonly target: string
  readonly isType: boolean
}

function importsOf(path: string): readonly Import[] {
  const code = codeOf(path)
  const named = [...code.matchAll(/\b(?:import|export)\s+(type\s)?([^'"]*?)\s*from\s+'(\.[^']+)'/g)].map(
    ([, type, names = '', target = '']) => ({ target, isType: type !== undefined || onlyTypes(names) }),
  )
  const bare = [...code.matchAll(/\bimport\s*\(?\s*'(\.[^']+)'/g)].map(([, target = '']) => ({ target, isType: false }))
  return [...named, ...bare]
}

/** `{ type A, type B }` */
function onlyTypes(names: string): boolean {
  const inside = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1]
  const parts = inside
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return parts?.every((name) => name.startsWith('type ')) ?? false
}
