/** One file of everything the executable runs. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import type { Schema } from '../../src/draft07.ts'
import { APP_EPILOGUE, APP_PROLOGUE } from './app-script.ts'
import { NODE_VERSION } from './node-binary.ts'
import type { Stamps } from './stamps.ts'
import { standIns } from './stand-ins.ts'
import { validators } from './validators.ts'

export interface Contents {
  /** The checkout. */
  readonly root: string
  readonly entry: string
  readonly stamps: Stamps
  /** All that src/validate.ts will be asked for. */
  readonly schemas: readonly Schema[]
}

export interface Bundle {
  /** Seven-bit text, so that V8 keeps one byte a character. */
  readonly code: string
  /** Paths of the modules in it, relative to the checkout. */
  readonly modules: readonly string[]
}

/** Not minified: a stack in a log must name functions, and a start gains nothing from it. */
export async function bundle({ root, entry, stamps, schemas }: Contents): Promise<Bundle> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: 'netappdvp.cjs',
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${NODE_VERSION}`,
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'silent',
    // Where node_modules is a link, the paths in the bundle are still those of this checkout.
    preserveSymlinks: true,
    // A script that vm runs has no loader for import().
    supported: { 'dynamic-import': false },
    banner: { js: APP_PROLOGUE },
    footer: { js: APP_EPILOGUE },
    define: {
      'process.env.NODE_ENV': '"production"',
      // yargs makes a file name of it and never opens it.
      'import.meta.url': '"file:///netappdvp.cjs"',
      NETAPPDVP_STAMPS: JSON.stringify(stamps),
    },
    plugins: [standIns(root), validators(root, schemas)],
  })

  const complaints = [...result.warnings.map(({ text }) => text), ...(await misfits(root, result.metafile))]
  if (complaints.length > 0) throw new Error(`The bundle would not work:\n  ${complaints.join('\n  ')}`)
  return { code: sevenBit(result.outputFiles[0]!.text), modules: Object.keys(result.metafile.inputs) }
}

/** esbuild escapes what strings and patterns say, but leaves comments as they are. */
function sevenBit(code: string): string {
  const plain = code.replace(/^\s*(?:\/\/|\/?\*).*$/gm, (comment) => comment.replace(/\P{ASCII}/gu, '?'))
  const left = /^.*\P{ASCII}.*$/mu.exec(plain)
  if (left) throw new Error(`The bundle has a character beyond ASCII that could not be escaped: ${left[0].trim()}`)
  return plain
}

/** What our own modules may not do, because the executable cannot or its start would be slow. */
async function misfits(root: string, { inputs }: Metafile): Promise<readonly string[]> {
  const ours = Object.entries(inputs).filter(([path]) => /^(src|bin)\//.test(path))
  const found = ours.map(async ([path, { imports }]) => {
    const text = await readFile(join(root, path), 'utf8')
    return [
      ...(/\bimport\.meta\b/.test(text) ? [`${path} uses import.meta: there are no files beside the executable.`] : []),
      ...imports
        .filter(({ original, kind }) => LATE.test(original ?? '') && kind === 'import-statement')
        .map(
          ({ original }) =>
            `${path} imports ${original} at load: use "await import('${original}')" where it is needed.`,
        ),
    ]
  })
  return (await Promise.all(found)).flat()
}

/** Modules that cost milliseconds to load and that not every run needs. */
const LATE = /^(undici|fast-xml-parser|node:https|node:http2)$/
