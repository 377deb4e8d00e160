/** What scripts/lab does, once all it needs is installed. */

import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { root } from '../../house/tree.ts'
import { readyImage, whyNoLab } from './image.ts'
import { endLasting, lastingMachines, rememberLasting } from './lasting.ts'
import { freeLanPort, startMachine } from './machine.ts'
import { sshArguments } from './ssh.ts'

const [command = '', ...rest] = process.argv.slice(2)
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number> | number>> = {
  prepare,
  up,
  run,
  shell,
  down,
}

try {
  process.exitCode = await commands[command]!(rest)
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

/** As part of scripts/test: where there can be no lab, the tests say so. */
function prepare(): number {
  const reason = whyNoLab()
  if (reason === false) readyImage()
  else process.stdout.write(`There will be no lab: it ${reason}.\n`)
  return 0
}

async function up(args: readonly string[]): Promise<number> {
  mayBe()
  const nodes = nodesIn(args)
  if (lastingMachines().length > 0) throw new Error('machines are up already: "scripts/lab down" ends them')
  const lanPort = nodes > 1 ? await freeLanPort() : undefined
  const started = Array.from({ length: nodes }, async (_, index) => {
    const machine = await startMachine({ node: index + 1, lasting: true, ...(lanPort && { lanPort }) })
    rememberLasting(machine)
    process.stdout.write(`${machine.name} is up: scripts/lab shell ${index + 1}\n`)
  })
  await Promise.all(started)
  return 0
}

function run(args: readonly string[]): number {
  mayBe()
  const files = args.length > 0 ? args : globSync('test/lab/**/*.lab.ts', { cwd: root }).sort()
  readyImage()
  return spawnSync(process.execPath, ['--test', '--test-concurrency=1', ...files], { stdio: 'inherit' }).status ?? 1
}

function shell([node = '1', ...words]: readonly string[]): number {
  const machine = lastingMachines().find(({ name }) => name === `node${node}`)
  if (!machine) throw new Error(`node${node} is not up: "scripts/lab up" starts it`)
  const tty = words.length === 0 ? ['-t'] : []
  const args = [...sshArguments(machine.sshPort, machine.keyFile), ...tty, 'root@127.0.0.1', ...words]
  return spawnSync('ssh', args, { stdio: 'inherit' }).status ?? 1
}

async function down(): Promise<number> {
  const ended = await endLasting()
  process.stdout.write(ended.length === 0 ? 'No machine is up.\n' : `Ended ${ended.join(', ')}.\n`)
  return 0
}

function mayBe(): void {
  const reason = whyNoLab()
  if (reason !== false) throw new Error(`there can be none here: it ${reason}`)
}

function nodesIn(args: readonly string[]): number {
  const [, , number] = /^(--nodes)[= ]?(\d)$/.exec(args.join(' ')) ?? []
  if (args.length === 0) return 1
  if (number === '1' || number === '2' || number === '3') return Number(number)
  throw new Error('usage: scripts/lab up [--nodes 1|2|3]')
}
