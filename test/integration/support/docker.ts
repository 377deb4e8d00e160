/** A dockerd of one machine, and the docker command that talks to it. */

import { chmod, cp, mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../../src/host/command.ts'
import type { Finished } from '../../../src/run.ts'
import { context } from '../../host/fakes.ts'
import type { Machine, Started } from './machine.ts'
import { until } from './until.ts'

/** What the docker command has printed, without the last line end. */
export interface Said {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface Docker {
  readonly machine: Machine
  /** Runs the docker command, whatever it ends with. */
  try(...args: readonly string[]): Promise<Said>
  /** Runs the docker command, which has to succeed. @returns its standard output */
  run(...args: readonly string[]): Promise<string>
  /** What the dockerd has logged. */
  log(): Promise<string>
  isRunning(): boolean
  stop(signal: NodeJS.Signals): Promise<void>
  /** After stop. Data of the last run are there again. */
  start(...flags: readonly string[]): Promise<void>
}

const SOCKET = '/run/docker.sock'
const LOG = '/var/log/dockerd.log'
/** Docker repeats a call to a plugin for 15 s, and some commands ask twice. */
const PATIENCE_MS = 60_000

export const IMAGE = 'busybox'

export async function startDocker(machine: Machine, ...flags: readonly string[]): Promise<Docker> {
  const env = { DOCKER_HOST: `unix://${machine.at(SOCKET)}`, DOCKER_CONFIG: machine.at('/run/docker-config') }
  let daemon: Started | undefined

  const docker: Docker = {
    machine,
    async try(...args) {
      const accept = Array.from({ length: 255 }, (_, i) => i + 1)
      const finished = await run(context(), 'docker', args, { env, accept, timeoutMs: PATIENCE_MS })
      return withoutLineEnds(finished)
    },
    async run(...args) {
      const said = await docker.try(...args)
      if (said.exitCode === 0) return said.stdout
      throw new Error(`docker ${args.join(' ')} ended with ${said.exitCode}: ${said.stderr}`)
    },
    log: () => readFile(machine.at(LOG), 'utf8'),
    isRunning: () => daemon?.isRunning() ?? false,
    async stop(signal) {
      await daemon?.end(signal)
    },
    async start(...again) {
      await rm(machine.at('/run/docker.pid'), { force: true })
      daemon = await machine.start('dockerd', [...FLAGS, `--cgroup-parent=/${machine.name}`, ...again], { log: LOG })
      const ping = ['version', '--format', '{{.Server.Version}}']
      await until('dockerd answers', async () => (await docker.try(...ping)).exitCode === 0, PATIENCE_MS)
    },
  }
  await docker.start(...flags)
  return docker
}

/** No network: containers get none, and nothing of the machine's is changed. */
const FLAGS = [
  `--host=unix://${SOCKET}`,
  '--data-root=/var/lib/docker',
  '--exec-root=/run/docker-exec',
  '--pidfile=/run/docker.pid',
  '--storage-driver=overlay2',
  '--exec-opt=native.cgroupdriver=cgroupfs',
  '--bridge=none',
  '--iptables=false',
  '--ip-forward=false',
  '--log-level=warn',
]

const APPLETS = ['sh', 'cat', 'echo', 'df', 'ls', 'mkdir', 'sleep', 'sync', 'true', 'touch']

/** An image of nothing but busybox, made of this machine's static one. */
export async function importImage(docker: Docker, busybox: string): Promise<void> {
  const root = docker.machine.at('/run/image')
  await mkdir(join(root, 'bin'), { recursive: true })
  await cp(busybox, join(root, 'bin/busybox'))
  await chmod(join(root, 'bin/busybox'), 0o755)
  for (const applet of APPLETS) {
    await symlink('busybox', join(root, 'bin', applet))
  }
  const tar = docker.machine.at('/run/image.tar')
  await run(context(), 'tar', ['--create', '--file', tar, '--directory', root, '.'])
  await docker.run('import', tar, IMAGE)
}

function withoutLineEnds({ exitCode, stdout, stderr }: Finished): Said {
  return { exitCode, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() }
}
