/** Makes the one file: Node, and in it the loader and its assets. */

import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Arch, NODE_VERSION } from './node-binary.ts'

export interface Parts {
  readonly arch: Arch
  readonly node: Buffer
  /** Files in the work directory. */
  readonly loader: string
  readonly assets: Readonly<Record<string, string>>
}

/**
 * Lets pkg put the parts together and answers the executable's path in `work`.
 *
 * pkg looks for Node below $HOME and would download it: there it finds ours, marked as complete. It works in a new
 * directory below $TMPDIR; as that is in `work` too, parts are named relative to it, and no absolute path of this
 * checkout gets into the executable, which stores them.
 */
export async function pack(work: string, { arch, node, loader, assets }: Parts): Promise<string> {
  const unpacked = join(work, 'home/.pkg-cache/sea', `node-v${NODE_VERSION}-linux-${arch}`)
  await mkdir(join(unpacked, 'bin'), { recursive: true })
  await writeFile(join(unpacked, 'bin/node'), node, { mode: 0o755 })
  for (const mark of [`${unpacked}/bin/node.ok`, `${unpacked}.tar.gz`, `${unpacked}.tar.gz.ok`])
    await writeFile(mark, '')

  const output = join(work, 'netappdvp')
  const job = {
    entry: join(work, loader),
    main: `../${loader}`,
    assets: Object.fromEntries(Object.entries(assets).map(([name, file]) => [name, `../${file}`])),
    target: { nodeRange: `node${NODE_VERSION}`, platform: 'linux', arch, output },
  }
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'pack-pkg.ts'), JSON.stringify(job)], {
    env: { PATH: process.env['PATH'], HOME: join(work, 'home'), TMPDIR: work },
  })
  return output
}
