/** The plugin and a simulated array on a machine of the lab, both as systemd services of the executable that was built. */

import type { LabMachine } from './machine.ts'
import { quoted } from './ssh.ts'

/** Puts the executable, units and examples in place as an operator does. It takes a while to copy them. */
export async function runInstaller(machine: LabMachine): Promise<string> {
  await mountProgramDisk(machine)
  return machine.sh('/opt/netappdvp/scripts/install')
}

/**
 * The executable and the units, without copying what is large. Safe to repeat, and after the installer.
 *
 * Nothing has systemd reload: it finds new units by itself, and takes seconds for it here.
 */
export async function installExecutable(machine: LabMachine): Promise<void> {
  await mountProgramDisk(machine)
  await machine.sh(`
    [ ! -e /usr/local/bin/netappdvp ] || exit 0
    ln -s /opt/netappdvp/dist/netappdvp /usr/local/bin/
    mkdir -p /etc/netappdvp
    cp /opt/netappdvp/systemd/* /etc/systemd/system/
  `)
}

/** Also for the time after a reboot. */
async function mountProgramDisk(machine: LabMachine): Promise<void> {
  await machine.sh(`
    ! mountpoint -q /opt/netappdvp || exit 0
    mkdir -p /opt/netappdvp
    echo '/dev/vdb /opt/netappdvp ext4 ro 0 0' >>/etc/fstab
    mount /opt/netappdvp
    [ -x /opt/netappdvp/dist/netappdvp ] || { echo 'There is no dist/netappdvp: run "npm run build" first.'; exit 1; }
  `)
}

export interface PluginOptions {
  /** A file name of /etc/netappdvp; the name Docker knows it by. By default that of its storage driver. */
  readonly name?: string
  /** What its config file says, `version` apart. */
  readonly config: { readonly storageDriverName: string } & Readonly<Record<string, unknown>>
}

/** A plugin that is a service, enabled and ready. */
export interface LabPlugin {
  readonly name: string
  readonly unit: string
  /** Of the process that is the plugin now. */
  pid(): Promise<number>
  /** Resolves when it has told systemd that its driver is ready. */
  ready(limitMs?: number): Promise<void>
  /** All of its log file. */
  log(): Promise<string>
}

/** Machines that share a processor take their time. */
const READY_MS = 120_000

export async function installPlugin(machine: LabMachine, options: PluginOptions): Promise<LabPlugin> {
  const { name = options.config.storageDriverName } = options
  const unit = await registerPlugin(machine, options)
  await machine.sh(`systemctl enable --quiet --no-reload ${unit}; systemctl start ${unit}`)

  const plugin: LabPlugin = {
    name,
    unit,
    pid: () => pidOf(machine, unit),
    async ready(limitMs = READY_MS) {
      const status = `$(systemctl show --value --property=StatusText ${unit})`
      await machine.until(`${name} is ready`, `echo "${status}"; [ "${status}" = Ready. ]`, limitMs)
    },
    log: () => machine.sh(`cat /var/log/netappdvp/${name}.log`),
  }
  await plugin.ready()
  return plugin
}

/** Puts its config in place, and starts nothing. @returns its unit */
export async function registerPlugin(machine: LabMachine, options: PluginOptions): Promise<string> {
  const { config, name = config.storageDriverName } = options
  await installExecutable(machine)
  await machine.put(`/etc/netappdvp/${name}.json`, JSON.stringify({ version: 1, ...config }), 0o600)
  return `netappdvp@${name}.service`
}

/** What the plugin itself answers to a call of Docker's. One that it has not done in Docker's time is put again, as it says. */
export async function askPlugin(machine: LabMachine, plugin: string, verb: string, body: object): Promise<Answer> {
  for (;;) {
    const answer = JSON.parse(await machine.sh(curlPlugin(plugin, verb, body), { limitMs: ASK_MS })) as Answer
    if (!answer.Err.includes('ask again for its result')) return answer
  }
}

/** It answers Docker within two minutes; machines that share a processor take their time. */
const ASK_MS = 240_000

export interface Answer {
  readonly Err: string
  readonly Volumes?: readonly { readonly Name: string }[]
}

/** The command line that asks it; without a verb, the beginning of one. */
export function curlPlugin(plugin: string, verb: string | undefined, body: object): string {
  const to = ['--silent', '--unix-socket', `/run/docker/plugins/${plugin}.sock`, '--data', JSON.stringify(body)]
  return quoted(['curl', ...to, ...(verb === undefined ? [] : [`http://plugin/VolumeDriver.${verb}`])])
}

export interface ArrayOptions {
  /** What it is. Default element. */
  readonly array?: 'element' | 'ontap'
  /** Arguments of `netappdvp simulate` beside that and those that say where it keeps its state and data. */
  readonly args?: readonly string[]
  /** For more than one array on a machine. */
  readonly name?: string
}

/** A simulated array that is a service: it stands up again after a reset, with what it had on disk. */
export interface LabArray {
  readonly unit: string
  /** Its files: `state.json`, and `data/` with the bytes of volumes. On an XFS of its own. */
  readonly directory: string
  pid(): Promise<number>
  stop(): Promise<void>
  start(): Promise<void>
}

/** It first mounts all its volumes. */
const ARRAY_MS = 90_000

export async function startArray(machine: LabMachine, options: ArrayOptions = {}): Promise<LabArray> {
  const { array: kind = 'element', args = [], name = kind } = options
  await installExecutable(machine)
  const directory = `/srv/array/${name}`
  const unit = `netappdvp-array-${name}.service`
  const own = ['--state', `${directory}/state.json`, '--data-plane', `${directory}/data`]
  await machine.sh(`mkdir -p ${directory}/data`)
  await machine.put(`/etc/systemd/system/${unit}`, unitOf(name, ['simulate', kind, ...own, ...args]))

  const array: LabArray = {
    unit,
    directory,
    pid: () => pidOf(machine, unit),
    async stop() {
      await machine.sh(`systemctl stop ${unit}`)
    },
    async start() {
      await machine.sh(`systemctl start ${unit}`)
      const invocation = `$(systemctl show --value --property=InvocationID ${unit})`
      const said = `journalctl _SYSTEMD_INVOCATION_ID=${invocation}`
      await machine.until(`${unit} listens`, `${said} | grep -q 'Simulated .* array at '`, ARRAY_MS)
    },
  }
  await machine.sh(`systemctl enable --quiet --no-reload ${unit}`)
  await array.start()
  return array
}

/** An array is there before whoever uses it. */
function unitOf(name: string, args: readonly string[]): string {
  return `[Unit]
Description=Simulated array (${name})
RequiresMountsFor=/srv/array
After=network.target
Before=docker.service

[Service]
ExecStart=/usr/local/bin/netappdvp ${args.map((argument) => `"${argument}"`).join(' ')}

[Install]
WantedBy=multi-user.target
`
}

async function pidOf(machine: LabMachine, unit: string): Promise<number> {
  return Number(await machine.sh(`systemctl show --value --property=MainPID ${unit}`))
}
