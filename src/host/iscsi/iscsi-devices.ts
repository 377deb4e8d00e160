/** Volumes that are LUNs: reached over iSCSI, on one path or through a multipath map. */

import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import type { IscsiPublication } from '../../publication.ts'
import type { Run } from '../../run.ts'
import type { BlockDevice } from '../block-device.ts'
import type { DevicesOf } from '../devices.ts'
import { deviceOf, waitForNode } from './device-node.ts'
import { gather } from './gathering.ts'
import { answers, sessionStateOf } from './health.ts'
import { logIn, logOut } from './login.ts'
import { isUuidOf, mapsOf } from './multipath.ts'
import { bringPaths } from './paths.ts'
import { PATIENCE, type Patience, PLACES, type Places } from './places.ts'
import { removeDevices, waitUntilRemoved } from './removal.ts'
import { type Disk, diskNamed, disksOf, disksWith, naasOf } from './scsi.ts'
import { readSessions } from './sessions.ts'
import { fitAll } from './sizes.ts'
import { namesIn, readAttribute } from './sysfs.ts'
import { TargetGate } from './target-gate.ts'
import { type IscsiTools, iscsiTools } from './tools.ts'

export function iscsiDevices(
  run: Run,
  places: Places = PLACES,
  patience: Patience = PATIENCE,
): DevicesOf<IscsiPublication> {
  const tools = iscsiTools(run, places, patience)
  const gate = new TargetGate()

  const devices: DevicesOf<IscsiPublication> = {
    async use(ctx, publication, work) {
      const wasHere = (await disksWith(places, publication.naa)).length > 0
      try {
        return await work(await gate.arrive(publication.target, () => bring(tools, gate, ctx, publication)))
      } catch (error) {
        // Only the first fault counts; what stays behind now, detach lets go.
        if (!wasHere) await devices.letGo(ctx, publication).catch(() => {})
        throw error
      }
    },

    async isOne(ctx, publication, number) {
      const { naa } = publication
      const directory = await realpath(join(places.sys, 'dev/block', number)).catch(() => undefined)
      if (directory === undefined) return false
      const uuid = await readAttribute(directory, 'dm/uuid')
      const isOurs = uuid === undefined ? (await naasOf(join(directory, 'device'))).includes(naa) : isUuidOf(uuid, naa)
      if (isOurs) await warnIfLost(tools, ctx, publication, directory)
      return isOurs
    },

    async find(_, publication) {
      const [maps, disks] = await Promise.all([mapsOf(places, publication.naa), disksWith(places, publication.naa)])
      return [...maps, ...disks].map((found) => deviceOf(places, found, labelOf(publication)))
    },

    async fit(ctx, publication) {
      const [map] = await mapsOf(places, publication.naa)
      await fitAll(tools, ctx, publication, await disksWith(places, publication.naa), map)
    },

    async letGo(ctx, publication) {
      const { target, ownTarget } = publication
      await removeDevices(tools, ctx, publication)
      for (const naa of await strangersOn(tools, publication)) await removeDevices(tools, ctx, { ...publication, naa })
      // Whether a shared target has LUNs left is seen only once ours are gone.
      if (!ownTarget) await waitUntilRemoved(tools, ctx, publication)
      await gate.leave(target, () => logOut(tools, ctx, target, { all: ownTarget }))
      await waitUntilRemoved(tools, ctx, publication)
    },
  }
  return devices
}

/** The identity is proved on every path, and again of the map; the size last, since it is the map's that counts. */
async function bring(
  tools: IscsiTools,
  gate: TargetGate,
  ctx: Context,
  publication: IscsiPublication,
): Promise<BlockDevice> {
  const sessions = await gate.alone(publication.target, () => logIn(tools, ctx, publication))
  const disks = await bringPaths(tools, ctx, publication, sessions)
  const found = await gather(tools, ctx, publication, disks)
  await fitAll(tools, ctx, publication, disks, 'kernelName' in found ? found : undefined)
  return waitForNode(tools, ctx, found, labelOf(publication))
}

/** Other disks on the volume's own target: it goes with the session, so what was made of them has to go before. */
async function strangersOn({ places }: IscsiTools, { target, naa, ownTarget }: IscsiPublication) {
  const sessions = ownTarget ? await readSessions(places, target) : []
  const disks = (await Promise.all(sessions.map(disksOf))).flat()
  const naas = (await Promise.all(disks.map(({ directory }) => naasOf(directory)))).flat()
  return [...new Set(naas)].filter((found) => found !== naa)
}

function labelOf({ target, lun }: IscsiPublication): string {
  return `LUN ${lun} of ${target}`
}

/** I/O waits then, and goes on by itself if the session comes back in time. Whoever joins the mount should know. */
async function warnIfLost({ places }: IscsiTools, ctx: Context, { target }: IscsiPublication, directory: string) {
  const slaves = await namesIn(directory, 'slaves')
  const names = slaves.length > 0 ? slaves : [directory.slice(directory.lastIndexOf('/') + 1)]
  const disks = (await Promise.all(names.map((name) => diskNamed(places, name)))).filter((disk) => disk !== undefined)
  for (const disk of disks) if (await answers(disk)) return
  ctx.log.warn(
    'The volume is mounted, but no path to it answers: what reads or writes it waits. See the network and array.',
    {
      target,
      ...(disks[0] && { disk: disks[0].name, session: await stateOfSession(disks[0]) }),
    },
  )
}

async function stateOfSession(disk: Disk): Promise<string> {
  return (await sessionStateOf(disk)) ?? 'gone'
}
