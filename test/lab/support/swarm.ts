/** Machines of the lab as a Swarm of Docker, and what its services do to each of them. */

import type { LabMachine } from './machine.ts'
import { CONFIG, managementAt } from './ontap.ts'
import { curlPlugin, installPlugin, type LabPlugin } from './plugin.ts'
import { quoted } from './ssh.ts'

/** Three machines share a processor that is slow already, and Swarm takes half a minute to miss one. */
export const PATIENCE_MS = 240_000

export type Nodes = readonly LabMachine[]

export function docker(machine: LabMachine, ...args: readonly string[]): Promise<string> {
  return machine.sh(quoted(['docker', ...args]), { limitMs: PATIENCE_MS })
}

/** Does the same on all at the same time. @returns in their order */
export function onEach<T>(nodes: Nodes, work: (node: LabMachine) => Promise<T>): Promise<T[]> {
  return Promise.all(nodes.map(work))
}

/** A driver of ONTAP on each node, of the array at `address`. */
export function installOnEach(
  nodes: Nodes,
  address: string,
  config: { readonly storageDriverName: string } & Readonly<Record<string, unknown>>,
): Promise<LabPlugin[]> {
  const where = { managementLIF: managementAt(address), dataLIF: address }
  return onEach(nodes, (node) => installPlugin(node, { config: { ...CONFIG, ...where, ...config } }))
}

/**
 * The first manages, and all run tasks. Managers learn of a plugin when its node's Docker has used it: with the node's
 * joining, or 20 s later at most.
 */
export async function formSwarm(nodes: Nodes, plugins: readonly string[]): Promise<void> {
  const [manager, ...workers] = nodes as [LabMachine, ...LabMachine[]]
  const at = ({ address }: LabMachine) => [`--advertise-addr=${address}`, `--listen-addr=${address}`]
  await onEach(nodes, (node) => docker(node, 'volume', 'ls'))
  await docker(manager, 'swarm', 'init', ...at(manager))
  const token = await docker(manager, 'swarm', 'join-token', '--quiet', 'worker')
  await onEach(workers, (node) => docker(node, 'swarm', 'join', `--token=${token}`, ...at(node), manager.address))
  const format = '{{range .Description.Engine.Plugins}} {{.Name}} {{end}}'
  for (const plugin of plugins) {
    await manager.until(
      `the manager knows of ${plugin} on each node`,
      `known=$(docker node inspect --format='${format}' $(docker node ls --quiet)); echo "$known"
       [ "$(grep --count ' ${plugin} ' <<<"$known")" = ${nodes.length} ]`,
      PATIENCE_MS,
    )
  }
}

/** Tasks that write their node's name into the volume, and go on. They are gone a second after they are told to go. */
export async function startService(
  manager: LabMachine,
  name: string,
  { mount, more = [] }: { readonly mount: string; readonly more?: readonly string[] },
): Promise<void> {
  const how = ['--detach', '--quiet', '--no-resolve-image', '--network=host', '--stop-grace-period=1s']
  const script = 'hostname >>"/mnt/$(hostname)"; exec sleep 100000'
  const what = [`--name=${name}`, `--mount=type=volume,target=/mnt,${mount}`, ...more]
  await docker(manager, 'service', 'create', ...how, ...what, 'busybox:local', 'sh', '-c', script)
}

/** Runs a script in the task that this node has of the service. */
export function inTask(node: LabMachine, service: string, script: string): Promise<string> {
  const task = `$(docker ps --quiet --filter=label=com.docker.swarm.service.name=${service})`
  return node.sh(`docker exec ${task} sh -c ${quoted([script])}`, { limitMs: PATIENCE_MS })
}

/**
 * Resolves once the kernel of each of these nodes has the volume mounted there and a task at work in it, and that of none
 * of `others` has. Docker is not asked, which would take longer than what is waited for.
 */
export async function untilRunningOn(nodes: Nodes, others: Nodes, mountpoint: string): Promise<void> {
  const isMounted = `grep --quiet --fixed-strings ' ${mountpoint} ' /proc/1/mountinfo`
  const until = (node: LabMachine, test: string) =>
    node.until(
      `on ${node.name} ${test}`,
      `for try in {1..20}; do if ${test}; then exit 0; fi; sleep 0.2; done
       findmnt --noheadings --list --types nfs,nfs4; false`,
      PATIENCE_MS,
    )
  await Promise.all([
    onEach(nodes, (node) => until(node, `${isMounted} && test -s ${mountpoint}/${node.name}`)),
    onEach(others, (node) => until(node, `! ${isMounted}`)),
  ])
}

/** Resolves once no mount, no directory for one and no record of any volume is left on any of them. */
export async function untilNothingIsLeft(nodes: Nodes): Promise<void> {
  await onEach(nodes, (node) =>
    node.until(
      `nothing is left on ${node.name}`,
      `left=$(
         findmnt --noheadings --list --types nfs,nfs4 --output TARGET || true
         find /var/lib/docker-volumes -mindepth 2
         cat /var/lib/netappdvp/*/{mounts,journal}.json | jq --compact-output '.mounts // .intents | select(length > 0)'
       )
       echo "$left"
       [ -z "$left" ]`,
      PATIENCE_MS,
    ),
  )
}

/** Docker would ask for one after the other. @returns all answers, one after the other */
export async function createAtOnce(node: LabMachine, plugin: string, count: number, body: object): Promise<string> {
  const urls = Array.from({ length: count }, () => `url = http://plugin/VolumeDriver.Create`)
  await node.put('/run/creates', `${urls.join('\n')}\n`)
  const many = `--parallel --parallel-immediate --parallel-max ${count} --config /run/creates`
  return node.sh(`${curlPlugin(plugin, undefined, body)} ${many} 2>/run/creates.log`, { limitMs: PATIENCE_MS })
}
