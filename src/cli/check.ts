/** Preflight: whether this host, this config and its array are ready, without touching any of them. */

import { dirname, join } from 'node:path'
import { InvalidConfig } from '../config/explain.ts'
import type { Finding } from '../config/finding.ts'
import type { Registry } from '../config/identify.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import type { Environment } from '../config/secrets.ts'
import { chooseSource } from '../config/source.ts'
import { pathsOf } from '../daemon/paths.ts'
import { ConfigError } from '../errors.ts'
import { checkArray } from './check-array.ts'
import { checkDirectory } from './check-directory.ts'
import { checkPrograms, type ProgramLookup } from './check-programs.ts'
import { checkDocker, checkPluginSocket } from './check-sockets.ts'
import type { CheckOptions } from './options.ts'

export interface CheckTools extends ProgramLookup {
  readonly registry: Registry
  readonly env: Environment
}

/** Everything found, good news too: config first, then the array, then the host from the bottom up. */
export async function check(options: CheckOptions, tools: CheckTools): Promise<readonly Finding[]> {
  const { findings, config } = await checkConfig(options, tools)
  const paths = pathsOf(options.volumeDriver, options.root)
  const directories = [dirname(paths.socket), paths.state, paths.mountRoot, dirname(paths.log)]
  const host = await Promise.all([
    checkPrivileges(),
    ...(config ? [checkArray(config, paths.state), checkPrograms(config.definition, tools)] : []),
    ...directories.map(checkDirectory),
    checkPluginSocket(paths.socket),
    checkDocker(join(options.root, 'run/docker.sock')),
  ])
  return [...findings, ...host.flat()]
}

async function checkConfig(
  { config: path, volumeDriver }: CheckOptions,
  { registry, env }: CheckTools,
): Promise<{ findings: readonly Finding[]; config?: LoadedConfig }> {
  try {
    const config = await loadConfig(await chooseSource(path, volumeDriver), registry, env)
    const good: Finding = {
      level: 'ok',
      subject: 'config',
      message: `${config.name} is a config for ${config.driverName}.`,
    }
    return { findings: [good, ...config.warnings], config }
  } catch (error) {
    if (error instanceof InvalidConfig) return { findings: error.findings }
    if (!(error instanceof ConfigError)) throw error
    return { findings: [{ level: 'error', subject: 'config', message: error.message }] }
  }
}

function checkPrivileges(): Finding {
  if (process.geteuid?.() === 0) return { level: 'ok', subject: 'privileges', message: 'Running as root.' }
  return {
    level: 'error',
    subject: 'privileges',
    message: 'Running without root privileges, which mounting needs.',
    remedy: 'Run it with sudo.',
  }
}
