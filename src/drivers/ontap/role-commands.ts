/** What an administrator types to make a user that may do what a config needs, and no more. */

import type { OntapDialect } from '../../backends/ontap/ontap.ts'
import { REST_SINCE, ZAPI_UP_TO } from '../../backends/ontap/releases.ts'
import { callsFor, grantOf, type NeededRight, quoted, rightsFor } from '../../backends/ontap/rights.ts'
import { userOf } from '../../backends/ontap/user.ts'
import type { RoleSettings } from '../driver.ts'
import { credentialsOf } from './access.ts'
import { looksOf } from './check-role.ts'
import type { NasSettings } from './nas-settings.ts'
import { doingsOf, needsCluster, type OntapNasDriver } from './rights.ts'

/** Of REST and of ZAPI: making the one makes a role of its name for the other's rights, too. */
const ROLES = { rest: 'netappdvp_rest', zapi: 'netappdvp_zapi' } as const

const APPLICATIONS = { rest: 'http', zapi: 'ontapi' } as const

const TITLES = {
  rest: `REST: ONTAP ${REST_SINCE} and later`,
  zapi: `ZAPI: ONTAP before ${REST_SINCE}, or up to ${ZAPI_UP_TO} with "useREST": false`,
} as const

interface Place {
  /** Absent: the cluster. */
  readonly vserver?: string
  readonly user: string
  readonly method: 'password' | 'cert'
}

export async function roleCommands(
  driver: OntapNasDriver,
  settings: RoleSettings<NasSettings>,
): Promise<readonly string[]> {
  const { config } = settings
  const { useREST } = config
  const dialects: readonly OntapDialect[] = useREST === undefined ? ['rest', 'zapi'] : [useREST ? 'rest' : 'zapi']
  const place = await placeOf(config)
  const doings = doingsOf(driver, settings)
  return [
    '# For a cluster administrator, on the command line of ONTAP. Lines that begin with # explain: leave them out.',
    ...scopeOf(config),
    ...(dialects.length > 1
      ? ['# Which of the two parts is needed depends on the release. A user has one role: take one part.']
      : []),
    ...dialects.flatMap((dialect) => {
      const rights = rightsFor(callsFor(dialect, doings))
      return [
        '',
        `# ${TITLES[dialect]}`,
        ...rights.flatMap((right) => linesOf(dialect, right, place)),
        ...looks(dialect, place),
        ...login(dialect, place),
      ]
    }),
  ]
}

/** Used where the config names none. */
const UNNAMED = 'SVM'

/** Users that arrays come with: they have roles already. */
const BUILT_IN = ['admin', 'vsadmin']

async function placeOf(config: NasSettings): Promise<Place> {
  const named = await userOf(credentialsOf(config))
  const user = named === undefined || BUILT_IN.includes(named) ? 'USER' : named
  const method = config.clientCertificate === undefined ? 'password' : 'cert'
  return { user, method, ...(!needsCluster(config) && { vserver: config.svm ?? UNNAMED }) }
}

function scopeOf(config: NasSettings): readonly string[] {
  if (needsCluster(config)) {
    return [
      '# The user is one of the cluster, and so reaches every SVM: only such a user is told how full aggregates are, as',
      '# limitAggregateUsage needs it. Without that setting a user of the SVM will do.',
    ]
  }
  if (config.svm !== undefined) return []
  return [`# ${UNNAMED} stands for the name of your SVM, which the config does not have.`]
}

function linesOf(dialect: OntapDialect, right: NeededRight, { vserver }: Place): readonly string[] {
  const { whys, without, until } = right
  const grant = grantOf(dialect, right, ROLES[dialect], vserver)
  if (until !== undefined) return [`# ${sentence(whys)} Only needed before ONTAP ${until}:`, `# ${grant}`]
  const lack = without === undefined ? '' : ` Without it, ${without}.`
  return [`# ${sentence(whys)}${lack}`, grant]
}

/** `Makes volumes; removes volumes.` */
function sentence(whys: readonly string[]): string {
  const text = whys.join('; ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** Rights that the plugin does without, and `netappdvp check` does not. */
function looks(dialect: OntapDialect, { vserver }: Place): readonly string[] {
  return [
    '# Not needed, but with these "netappdvp check" can tell which rights are missing, and which are too many:',
    ...rightsFor(looksOf(dialect)).map((right) => `# ${grantOf(dialect, right, ROLES[dialect], vserver)}`),
  ]
}

function login(dialect: OntapDialect, { vserver, user, method }: Place): readonly string[] {
  const where = vserver === undefined ? '' : ` -vserver ${quoted(vserver)}`
  const asks =
    method === 'password' ? 'It asks for the password.' : 'The certificate’s authority must be installed, too.'
  const name = user === 'USER' ? ' Put a name of your choice for USER, and into the config.' : ''
  const old = dialect === 'zapi' ? ' Data ONTAP 8.3 calls the parameters -username and -authmethod.' : ''
  return [
    `# The user.${name} ${asks}${old}`,
    `security login create${where} -user-or-group-name ${quoted(user)} -application ${APPLICATIONS[dialect]} -authentication-method ${method} -role ${ROLES[dialect]}`,
  ]
}
