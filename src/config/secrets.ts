/**
 * Where the values of secret settings come from. For a setting `password` of the driver `ontap-nas`, in this order:
 *
 * 1. `password` in the config. Within it `${NAME}` is replaced by that environment variable, and `$${` stands for `${`.
 * 2. `passwordFile` in the config: the content of that file, without the end of its last line.
 * 3. The systemd credential `ontap-nas.password`, else `password`: files of those names in `$CREDENTIALS_DIRECTORY`.
 *
 * Both of the first two at once are a fault. Only settings at the top level can be secret.
 */

import { join } from 'node:path'
import { reasonOf } from '../errors.ts'
import { Secret } from '../secret.ts'
import { isThere, readAtMost } from './bounded-file.ts'
import type { PropertyTable } from './common.ts'
import type { Complaint } from './explain.ts'
import { fileSettingOf } from './schema.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface SecretContext {
  readonly driverName: string
  readonly env: Environment
  /** Someone besides its owner may read the config file. */
  readonly exposed: boolean
}

export interface FoundSecrets {
  readonly secrets: ReadonlyMap<string, Secret>
  readonly faults: readonly Complaint[]
  readonly warnings: readonly Complaint[]
}

/** @param value the config, its keys in the schema's spelling */
export async function findSecrets(
  value: Readonly<Record<string, unknown>>,
  settings: PropertyTable,
  context: SecretContext,
): Promise<FoundSecrets> {
  const names = Object.keys(settings).filter((name) => settings[name]?.secret)
  const found = await Promise.all(
    names.map(async (name) => ({
      name,
      ...(await findSecret(name, value, settings[name]?.required === true, context)),
    })),
  )
  return {
    secrets: new Map(found.flatMap(({ name, secret }) => (secret ? [[name, secret]] : []))),
    faults: found.flatMap(({ name, fault }) => (fault ? [{ path: `/${name}`, sentence: fault }] : [])),
    warnings: found.flatMap(({ name, warning }) => (warning ? [{ path: `/${name}`, sentence: warning }] : [])),
  }
}

interface Found {
  readonly secret?: Secret
  readonly fault?: string
  readonly warning?: string
}

async function findSecret(
  name: string,
  value: Readonly<Record<string, unknown>>,
  required: boolean,
  context: SecretContext,
): Promise<Found> {
  const literal = value[name]
  const file = value[fileSettingOf(name)]
  if (literal !== undefined && file !== undefined) {
    return { fault: `settings "${name}" and "${fileSettingOf(name)}" are both given; keep one of them` }
  }
  if (typeof literal === 'string') return fromText(name, literal, context)
  if (typeof file === 'string') return fromFile(`file ${file} of setting "${fileSettingOf(name)}"`, file)
  if (literal !== undefined || file !== undefined) return {} // of a wrong type, which the schema tells

  const credential = await fromCredentials(name, context)
  if (credential || !required) return credential ?? {}
  return {
    fault: `setting "${name}" is missing; give it, or "${fileSettingOf(name)}", or the systemd credential "${context.driverName}.${name}"`,
  }
}

const VARIABLE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

function fromText(name: string, text: string, { env, exposed }: SecretContext): Found {
  const variables = [...text.matchAll(VARIABLE)].flatMap(([, variable]) => variable ?? [])
  const unset = variables.filter((variable) => env[variable] === undefined)
  if (unset.length > 0) {
    return {
      fault: `setting "${name}" asks for the environment variable ${unset.join(', ')}, which is not set; set it, or write "$\${" for a literal "\${"`,
    }
  }
  for (const variable of variables) new Secret(env[variable] ?? '')
  const secret = new Secret(text.replace(VARIABLE, (_, variable) => (variable ? (env[variable] ?? '') : '${')))
  if (!exposed || variables.length > 0 || text === '') return { secret }
  return {
    secret,
    warning: `setting "${name}" is a secret in a file that others may read; chmod 600 it, or use "${fileSettingOf(name)}"`,
  }
}

const LIMIT = 64 * 1024

async function fromFile(what: string, path: string): Promise<Found> {
  try {
    const { bytes, exposed } = await readAtMost(path, LIMIT)
    const text = bytes?.toString('utf8').replace(/\r?\n$/, '')
    if (text === undefined)
      return { fault: `${what} is larger than ${LIMIT} bytes; give a file that holds just the secret` }
    if (text === '') return { fault: `${what} is empty; write the secret into it` }
    const warning = `${what} holds a secret and others may read it; chmod 600 it`
    return { secret: new Secret(text), ...(exposed && { warning }) }
  } catch (error) {
    return { fault: `${what} cannot be read (${reasonOf(error)}); make it a file the plugin may read` }
  }
}

/** systemd makes its directory, owned by the service's user and closed to others; a mode is none of our concern. */
async function fromCredentials(name: string, { driverName, env }: SecretContext): Promise<Found | undefined> {
  const directory = env['CREDENTIALS_DIRECTORY']
  if (!directory) return undefined
  for (const credential of [`${driverName}.${name}`, name]) {
    const path = join(directory, credential)
    if (!(await isThere(path))) continue
    const { warning: _, ...found } = await fromFile(`systemd credential ${path}`, path)
    return found
  }
  return undefined
}
