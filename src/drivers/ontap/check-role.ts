/** Whether the role of a user allows what a config needs, and whether it allows more. */

import type { Ontap, OntapDialect, OntapRight, OntapRole } from '../../backends/ontap/ontap.ts'
import {
  allows,
  callsFor,
  excessOf,
  grantOf,
  type NeededRight,
  type RatedCall,
  rightsFor,
} from '../../backends/ontap/rights.ts'
import type { Context } from '../../context.ts'
import { hasCode, PluginError, reasonOf } from '../../errors.ts'
import type { ArrayFinding } from '../driver.ts'

export interface Needs {
  /** Undefined when nobody knows. */
  readonly user: string | undefined
  readonly calls: readonly RatedCall[]
  /** Whether the user is to be one of the cluster. */
  readonly cluster: boolean
}

export async function checkRole(ctx: Context, ontap: Ontap, needs: Needs): Promise<readonly ArrayFinding[]> {
  const { user } = needs
  if (user === undefined) return [unknown('the client certificate does not tell the name of the user')]
  let role: OntapRole | undefined
  try {
    role = await ontap.roles.ofUser(ctx, user)
  } catch (error) {
    if (!(error instanceof PluginError) || error.code === 'DEFECT') throw error
    return [hasCode(error, 'UNAUTHORIZED') ? notShown(ontap, user, needs) : unknown(reasonOf(error))]
  }
  if (!role) return [unknown(`the array shows no user "${user}"`)]
  if (role.rights.length === 0) {
    return [unknown(`role ${role.name} is not written in the words of ${ontap.dialect === 'rest' ? 'REST' : 'ZAPI'}`)]
  }
  const missing = missingFrom(role, ontap, needs)
  const excess = excessOf(role.rights, [...needs.calls, ...looksOf(ontap.dialect)])
  return [
    ...missing,
    ...(missing.length === 0 ? [ok(`Role ${role.name} of user ${user} allows what this config needs.`)] : []),
    ...(excess.length === 0 ? [] : [tooMuch(role, excess)]),
  ]
}

const SUBJECT = 'role'

function ok(message: string): ArrayFinding {
  return { level: 'ok', subject: SUBJECT, message }
}

/** Calls that only looking at roles takes: fine to be allowed, and no loss if not. */
export function looksOf(dialect: OntapDialect): readonly RatedCall[] {
  return callsFor(dialect, { deeds: ['roles.ofUser'], style: 'flexvol' })
}

/** A finding a right, of which only the uses that lack are named. */
function missingFrom(role: OntapRole, ontap: Ontap, { calls, cluster }: Needs): readonly ArrayFinding[] {
  const lacking = calls.filter((call) => !allows(role.rights, call))
  const whole = rightsFor(calls)
  return rightsFor(lacking).map((lack) => {
    const vserver = cluster ? undefined : ontap.svm.name
    const needed = whole.find(({ to }) => to === lack.to) ?? lack
    const known = role.rights.some(({ to }) => to === needed.to)
    const grant = grantOf(ontap.dialect, needed, role.name, vserver)
    return {
      level: lack.without === undefined ? 'error' : 'warning',
      subject: SUBJECT,
      message: `Role ${role.name} lacks a right to ${nameOf(lack)}, by which the plugin ${lack.whys.join(', ')}.${withoutIt(lack)}`,
      remedy: `Grant it: ${known ? grant.replace(' create ', ' modify ') : grant}`,
    }
  })
}

function nameOf({ to }: OntapRight): string {
  return to.startsWith('/') ? to : `"${to}"`
}

function withoutIt({ without }: NeededRight): string {
  return without === undefined ? '' : ` Without it, ${without}.`
}

/** So many are shown of the rights that are too many. */
const SHOWN = 5

function tooMuch({ name }: OntapRole, excess: readonly OntapRight[]): ArrayFinding {
  const shown = excess.slice(0, SHOWN).map(({ to, access }) => `${to} (${access})`)
  const more = excess.length > SHOWN ? ` and ${excess.length - SHOWN} more` : ''
  return {
    level: 'warning',
    subject: SUBJECT,
    message: `Role ${name} may do more than this config needs: ${shown.join(', ')}${more}.`,
    remedy: '"netappdvp role" prints one that suffices.',
  }
}

function unknown(why: string): ArrayFinding {
  return {
    level: 'warning',
    subject: SUBJECT,
    message: `Cannot tell whether the rights of the user suffice: ${why}.`,
    remedy: 'Compare them with what "netappdvp role" prints.',
  }
}

function notShown(ontap: Ontap, user: string, { cluster }: Needs): ArrayFinding {
  const rights = rightsFor(looksOf(ontap.dialect))
  const grants = rights.map((right) => grantOf(ontap.dialect, right, 'ROLE', cluster ? undefined : ontap.svm.name))
  return {
    level: 'warning',
    subject: SUBJECT,
    message: `Cannot tell whether the rights of user ${user} suffice: its role may not look at roles.`,
    remedy: `Compare them with what "netappdvp role" prints, or let it look: ${grants.join('; ')}`,
  }
}
