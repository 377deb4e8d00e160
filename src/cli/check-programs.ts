/** Programs of the host that the driver runs. */

import type { Finding } from '../config/finding.ts'
import type { AnyDriverDefinition } from '../drivers/driver.ts'

export interface ProgramLookup {
  /** The program's path. */
  findProgram(name: string): Promise<string | undefined>
  /** The package that brings it, as distributions call it. */
  packageOf(name: string): { readonly debian: string; readonly rhel: string } | undefined
}

/** An error for each program that is missing, a warning for those that only some settings or options need. */
export async function checkPrograms(
  { tools, optionalTools }: Pick<AnyDriverDefinition, 'tools' | 'optionalTools'>,
  lookup: ProgramLookup,
): Promise<readonly Finding[]> {
  return Promise.all([
    ...tools.map((name) => checkProgram(name, 'error', lookup)),
    ...optionalTools.map((name) => checkProgram(name, 'warning', lookup)),
  ])
}

async function checkProgram(name: string, level: 'error' | 'warning', lookup: ProgramLookup): Promise<Finding> {
  const path = await lookup.findProgram(name)
  if (path !== undefined) return { level: 'ok', subject: name, message: `Found ${path}.` }
  const message = level === 'error' ? 'Not found.' : 'Not found; some settings and options need it.'
  return { level, subject: name, message, remedy: remedyFor(name, lookup) }
}

function remedyFor(name: string, { packageOf }: ProgramLookup): string {
  const names = packageOf(name)
  if (!names) return `Install it, or put its directory on the PATH.`
  const { debian, rhel } = names
  return debian === rhel
    ? `Install the package ${debian}.`
    : `Install the package ${debian} (Debian) or ${rhel} (RHEL).`
}
