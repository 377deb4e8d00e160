/** The command line. */

import yargs, { type Argv } from 'yargs'
import { PluginError } from '../errors.ts'
import { strike } from '../secret.ts'
import { version } from '../version.ts'
import type { Flags } from './flags.ts'
import { goFlags } from './go-flags.ts'
import {
  CHECK_FLAGS,
  checkOptionsOf,
  DAEMON_FLAGS,
  FLAG_KINDS,
  ROLE_FLAGS,
  roleOptionsOf,
  runOptionsOf,
  SHARED_FLAGS,
} from './options.ts'
import {
  ELEMENT_FLAGS,
  elementOptionsOf,
  ONTAP_FLAGS,
  ontapOptionsOf,
  type SimulateOptions,
} from './simulate-options.ts'
import { UsageError } from './usage-error.ts'

export interface Streams {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** Does what the arguments ask for. Never rejects. @returns the exit code: 0, 1 for a failure, 2 for a wrong usage */
export async function main(argv: readonly string[], streams: Streams = process): Promise<number> {
  try {
    const { output, command } = parse(argv)
    if (output !== '') streams.stdout.write(`${output}\n`)
    return (await command?.(streams)) ?? 0
  } catch (error) {
    if (!(error instanceof UsageError)) return tell(error, streams)
    streams.stderr.write(`${error.message}\n\n${helpFor(argv)}\n`)
    return 2
  }
}

/** The help of the command that was meant, as far as it can be told: `simulate ontap --bogus` is about `simulate ontap`. */
function helpFor(argv: readonly string[]): string {
  const flag = argv.findIndex((argument) => argument.startsWith('-'))
  return parse([...argv.slice(0, flag < 0 ? argv.length : flag), '--help']).output
}

type Command = (streams: Streams) => Promise<number>

interface Parsed {
  /** What yargs itself has to say: help, completions. */
  readonly output: string
  readonly command: Command | undefined
}

/** yargs only finds the command; running it is not left to yargs, which would catch its errors. */
function parse(argv: readonly string[]): Parsed {
  let [output, command]: [string, Command | undefined] = ['', undefined]
  const choose: Choose = (chosen) => {
    command = chosen
  }
  const completing = argv.some((argument) => argument === '--get-yargs-completions')
  tree(choose).parse(completing ? argv : goFlags(argv, FLAG_KINDS), {}, (_error, _flags, said) => {
    output = said
  })
  return completing ? { output: withoutDefault(output), command: undefined } : { output, command }
}

/** yargs offers the default command to shells by its inner name. */
function withoutDefault(completions: string): string {
  return completions
    .split('\n')
    .filter((word) => word !== '$0')
    .join('\n')
}

type Choose = (command: Command) => void

const PARSING = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': false,
  'parse-positional-numbers': false,
}

function tree(choose: Choose): Argv {
  const cli = yargs()
  return cli
    .scriptName('netappdvp')
    .locale('en')
    .usage('$0: Docker volumes on NetApp storage. `$0 COMMAND --help` tells more of a command.')
    .parserConfiguration(PARSING)
    .command('$0', 'Serve Docker', { ...SHARED_FLAGS, ...DAEMON_FLAGS }, (flags) => choose(daemon(flags)))
    .command('check', 'Say whether config, array and host are ready', { ...SHARED_FLAGS, ...CHECK_FLAGS }, (flags) =>
      choose(check(flags)),
    )
    .command('role', 'Print the commands that make a user of the array with least rights', ROLE_FLAGS, (flags) =>
      choose(role(flags)),
    )
    .command('simulate', 'Serve a simulated array, for trying and testing without one', (simulate) =>
      simulate
        // --fault is given once for each fault.
        .parserConfiguration({ ...PARSING, 'duplicate-arguments-array': true })
        .command('element', 'SolidFire and NetApp HCI', ELEMENT_FLAGS, (flags) => choose(element(flags)))
        .command('ontap', 'An SVM of ONTAP, by REST and by ONTAPI', ONTAP_FLAGS, (flags) => choose(ontap(flags)))
        .demandCommand(1, 'Say which array: element or ontap.')
        .strictCommands(),
    )
    .command('completion', 'Print a script that completes commands in bash or zsh', {}, () => {
      cli.showCompletionScript()
    })
    .alias('h', 'help')
    .version(false)
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof UsageError ? error : new UsageError(message ?? error.message)
    })
}

function daemon(flags: Flags): Command {
  if (flags['version'] === true) return printVersion
  const options = runOptionsOf(flags)
  return async () => {
    const { run } = await import('./run.ts')
    return run(options)
  }
}

/** nDVP 17's four lines. */
async function printVersion({ stdout }: Streams): Promise<number> {
  const { text, build, built } = version
  stdout.write(`NetApp Docker Volume Plugin\nVersion: ${text}\nBuild: ${build}\nBuilt: ${built}\n`)
  return 0
}

function check(flags: Flags): Command {
  const options = checkOptionsOf(flags)
  return async ({ stdout }) => {
    const { findProgram } = await import('../host/command.ts')
    const { packageOf } = await import('../host/packages.ts')
    const { drivers } = await import('../drivers/registry.ts')
    const { check } = await import('./check.ts')
    const { report } = await import('./check-report.ts')
    const findings = await check(options, { registry: drivers, env: process.env, findProgram, packageOf })
    stdout.write(strike(report(findings, options.json)))
    return findings.some(({ level }) => level === 'error') ? 1 : 0
  }
}

function role(flags: Flags): Command {
  const options = roleOptionsOf(flags)
  return async ({ stdout }) => {
    const { drivers } = await import('../drivers/registry.ts')
    const { role } = await import('./role.ts')
    stdout.write(strike(await role(options, drivers, process.env)))
    return 0
  }
}

function element(flags: Flags): Command {
  return simulated(elementOptionsOf(flags))
}

function ontap(flags: Flags): Command {
  return simulated(ontapOptionsOf(flags))
}

function simulated(options: SimulateOptions): Command {
  return async (streams) => {
    const { simulate } = await import('./simulate.ts')
    return simulate(options, process.env, streams)
  }
}

function tell(error: unknown, { stderr }: Streams): number {
  const known = error instanceof PluginError && error.code !== 'DEFECT'
  const words = error instanceof Error ? ((known ? undefined : error.stack) ?? error.message) : String(error)
  stderr.write(`${strike(words)}\n`)
  return 1
}
