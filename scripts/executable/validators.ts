/** Validators that ajv generates at build time, so that the executable neither carries ajv nor waits for it. */

import { dirname, join } from 'node:path'
import { _, type CodeOptions, Name } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import type { Plugin } from 'esbuild'
import { newAjv } from '../../src/ajv.ts'
import { draft07, type Schema } from '../../src/draft07.ts'

/** Puts a module with the validators of `schemas` in place of src/validate.ts. */
export function validators(root: string, schemas: readonly Schema[]): Plugin {
  const replaced = join(root, 'src/validate.ts')
  return {
    name: 'validators',
    setup(build) {
      build.onLoad({ filter: /\/src\/validate\.ts$/ }, ({ path }) =>
        path === replaced ? { contents: validatorsModule(schemas), resolveDir: dirname(path) } : null,
      )
    },
  }
}

/** The text of the module: what src/validate.ts promises, for these schemas and no others. */
export function validatorsModule(schemas: readonly Schema[]): string {
  const code: CodeOptions = { source: true, esm: true, lines: true, formats: _`${new Name('formats')}` }
  const ajv = newAjv(code)
  for (const schema of unique(schemas)) ajv.addSchema(draft07(schema))

  const exported = Object.fromEntries(schemas.map(({ $id }, index) => [`check${index}`, $id]))
  const rows = Object.entries(exported).map(([name, $id]) => `  ${JSON.stringify($id)}: ${name},`)
  return `
import { Defect } from './errors.ts'
import { faultsOf } from './faults.ts'
import { formats } from './formats.ts'

${standalone.default(ajv, exported)}

const checks = {
${rows.join('\n')}
}

export function compile({ $id }) {
  if (!Object.hasOwn(checks, $id))
    throw new Defect('The build made no validator for schema ' + JSON.stringify($id) + '. Schemas must be in src/daemon/schemas.ts.')
  const check = checks[$id]
  return (value) => (check(value) ? [] : faultsOf(check.errors))
}
`
}

/** The `$id` is all that the executable knows a schema by. */
function unique(schemas: readonly Schema[]): readonly Schema[] {
  const seen = new Set<string>()
  for (const { $id } of schemas) {
    if (seen.has($id)) throw new Error(`Two schemas are named ${JSON.stringify($id)}.`)
    seen.add($id)
  }
  return schemas
}
