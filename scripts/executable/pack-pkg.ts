/**
 * Run by pack.ts: `pack-pkg.ts JOB`, with its HOME and TMPDIR.
 *
 * pkg's command line cannot say what the executable needs (assets, Node's flags), its inner function can.
 * It is no public interface: package.json pins pkg.
 */

import { createRequire } from 'node:module'
import { NODE_FLAGS } from './flags.ts'

interface Job {
  readonly entry: string
  readonly main: string
  readonly assets: Readonly<Record<string, string>>
  readonly target: object
}

const { default: sea } = createRequire(import.meta.url)('@yao-pkg/pkg/lib-es5/sea.js') as {
  default: (entry: string, options: object) => Promise<void>
}
const { entry, main, assets, target } = JSON.parse(process.argv[2]!) as Job

await sea(entry, {
  targets: [target],
  signature: false,
  seaConfig: { main, assets, execArgv: NODE_FLAGS, execArgvExtension: 'none' },
})
