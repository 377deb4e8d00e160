/** ajv as our schemas need it. The build makes its validators with the same one. */

import { Ajv, type CodeOptions } from 'ajv'
import { formats } from './formats.ts'

/** Keywords of PropertySchema that describe a setting and check nothing. */
const SPOKEN_KEYWORDS = ['secret', 'aliases', 'inert', 'inherited']

export function newAjv(code?: CodeOptions): Ajv {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, ...(code && { code }) })
  ajv.addVocabulary(SPOKEN_KEYWORDS)
  for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format)
  return ajv
}
