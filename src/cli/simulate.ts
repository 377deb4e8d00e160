/** The simulate command: a simulated array until a signal ends it. */

import { once } from 'node:events'
import { readAtMost } from '../config/bounded-file.ts'
import type { Environment } from '../config/secrets.ts'
import { ConfigError, reasonOf } from '../errors.ts'
import { Secret } from '../secret.ts'
import { startElementSimulator } from '../simulators/element/simulator.ts'
import { startOntapSimulator } from '../simulators/ontap/simulator.ts'
import type { Streams } from './main.ts'
import type { SimulateOptions } from './simulate-options.ts'
import { UsageError } from './usage-error.ts'

/** Runs until SIGTERM or SIGINT. @throws UsageError; ConfigError for what cannot be listened on, read or used */
export async function simulate(options: SimulateOptions, env: Environment, streams: Streams): Promise<number> {
  const password = await passwordOf(options, env)
  const ending = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)))
  const report = (line: string) => streams.stderr.write(`${line}\n`)
  const array = await start(options, { password: password.reveal(), report }).catch((error: unknown) => {
    if (error instanceof RangeError) throw new UsageError(error.message)
    throw new ConfigError('CONFIG_INVALID', `Cannot simulate an array: ${reasonOf(error)}.`, { cause: error })
  })
  streams.stdout.write(`Simulated ${array.title}\n`)
  streams.stdout.write(`Certificate SHA-256 ${array.fingerprint}\n`)
  await ending
  await array.close()
  return 0
}

interface Running {
  readonly title: string
  readonly fingerprint: string
  close(): Promise<void>
}

type Ways = { readonly password: string; readonly report: (line: string) => void }

async function start(options: SimulateOptions, ways: Ways): Promise<Running> {
  if (options.array === 'element') {
    const simulator = await startElementSimulator({ ...options, ...ways })
    return { ...simulator, title: `Element array at ${simulator.url} (user ${options.user})` }
  }
  const { release, scope, svm } = options
  const simulator = await startOntapSimulator({ ...options, ...ways })
  const whose = scope === 'svm' ? `SVM ${svm}` : `cluster with SVM ${svm}`
  const title = `ONTAP ${release} array at https://${simulator.address} (${whose}, user ${simulator.user})`
  return { ...simulator, title }
}

const LONGEST_PASSWORD = 1024

/** Never by an argument, which everyone on the machine can read. */
async function passwordOf({ array, passwordFile }: SimulateOptions, env: Environment): Promise<Secret> {
  if (passwordFile === undefined) return new Secret(env['NETAPPDVP_SIMULATOR_PASSWORD'] || DEFAULT_PASSWORDS[array])
  const file = await readAtMost(passwordFile, LONGEST_PASSWORD).catch((error: unknown) => {
    const message = `Cannot read the password in ${passwordFile}: ${reasonOf(error)}.`
    throw new ConfigError('CONFIG_UNREADABLE', message, { cause: error })
  })
  const password = file.bytes?.toString('utf8').replace(/\r?\n$/, '') ?? ''
  if (password !== '') return new Secret(password)
  throw new ConfigError('CONFIG_INVALID', `${passwordFile} must hold a password of 1 to ${LONGEST_PASSWORD} bytes.`)
}

const DEFAULT_PASSWORDS = { element: 'admin', ontap: 'netapp1!' }
