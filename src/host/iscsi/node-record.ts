/**
 * Records of open-iscsi as files. Its program takes a secret only as an argument, which every user of the machine can
 * see while it runs; so the record is made by the program and completed here.
 */

import { constants, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Context } from '../../context.ts'
import { HostError, reasonOf } from '../../errors.ts'
import type { Node, NodeSettings } from './iscsiadm.ts'
import type { Places } from './places.ts'
import { parsePortal, samePortal } from './portal.ts'
import { namesIn } from './sysfs.ts'
import type { IscsiTools } from './tools.ts'

/**
 * Makes the node's record, with these settings. One that is there already keeps the settings that are not named.
 *
 * @throws HostError COMMAND_FAILED | TOOL_MISSING | STATE_UNWRITABLE
 */
export async function ensureRecord(
  { iscsiadm, places }: Pick<IscsiTools, 'iscsiadm' | 'places'>,
  ctx: Context,
  node: Node,
  { settings, secrets }: { settings: NodeSettings; secrets: readonly string[] },
): Promise<void> {
  ensureWritable(node, settings)
  if (!(await findRecord(places, node))) await iscsiadm.create(ctx, node)
  const record = await findRecord(places, node)
  if (record) return change(record, node, settings)

  ctx.log.warn('No node record found; gave the settings to iscsiadm, where other users could see them for a moment.', {
    target: node.target,
    looked: places.nodeRecords.join(' '),
  })
  await iscsiadm.update(ctx, node, settings, secrets)
}

/** True when open-iscsi has any record of the target, or an interrupted change of one is left. */
export async function hasRecords(places: Places, target: string): Promise<boolean> {
  for (const directory of places.nodeRecords) {
    if ((await namesIn(directory)).includes(target)) return true
  }
  return (await draftsOf(places, target)).length > 0
}

/** Removes what an interrupted change left. */
export async function removeDrafts(places: Places, target: string): Promise<void> {
  for (const path of await draftsOf(places, target)) await unlink(path).catch(() => {})
}

/**
 * The record with these settings, each on one line as open-iscsi writes them:
 *   node.session.auth.username = docker
 *
 * @see idbm_print and idbm_recinfo_config in usr/idbm.c
 */
export function withSettings(record: string, settings: NodeSettings): string {
  const kept = record.split('\n').filter((line) => !Object.hasOwn(settings, line.split(/[\s=]/, 1)[0] ?? ''))
  const end = kept.findIndex((line) => line.startsWith('# END RECORD'))
  const lines = Object.entries(settings).flatMap(([name, value]) => (value === '' ? [] : [`${name} = ${value}`]))
  const at = end === -1 ? kept.findLastIndex((line) => line !== '') + 1 : end
  return `${[...kept.slice(0, at), ...lines, ...kept.slice(at)].join('\n').replace(/\n*$/, '')}\n`
}

interface RecordFile {
  readonly path: string
  /** Outside of what open-iscsi reads, and on the same filesystem. */
  readonly draft: string
}

/**
 * A record without a portal group is the file `IQN/ADDRESS,PORT`; one with it, as discovery makes them, is
 * `IQN/ADDRESS,PORT,GROUP/INTERFACE`. Where two directories have one, the one written last is in use.
 */
async function findRecord(places: Places, node: Node): Promise<RecordFile | undefined> {
  const portal = parsePortal(node.portal)
  const found: { file: RecordFile; writtenMs: number }[] = []
  for (const root of places.nodeRecords) {
    for (const name of await namesIn(root, node.target)) {
      const [address = '', port] = name.split(',')
      if (!samePortal(portal, { address, port: Number(port) })) continue
      const entry = join(root, node.target, name)
      const file = await recordAt(entry, node.interface)
      if (file) {
        const draft = join(dirname(root), `${draftPrefix(node.target)}${name}`)
        found.push({ file: { path: file.path, draft }, writtenMs: file.writtenMs })
      }
    }
  }
  return found.sort((one, other) => other.writtenMs - one.writtenMs)[0]?.file
}

/** A record that is a portal's only file says itself which interface it is of. */
async function recordAt(entry: string, name: string): Promise<{ path: string; writtenMs: number } | undefined> {
  for (const path of [entry, join(entry, name)]) {
    const found = await stat(path).catch(() => undefined)
    if (!found?.isFile()) continue
    const own = /^iface\.iscsi_ifacename = (.+)$/m.exec(await readFile(path, 'utf8').catch(() => ''))?.[1]
    if (own === undefined || own.trim() === name) return { path, writtenMs: found.mtimeMs }
  }
  return undefined
}

function draftPrefix(target: string): string {
  return `.netappdvp-${target},`
}

async function draftsOf(places: Places, target: string): Promise<readonly string[]> {
  const found = await Promise.all(
    places.nodeRecords.map(async (root) => {
      const names = await namesIn(dirname(root))
      return names.filter((name) => name.startsWith(draftPrefix(target))).map((name) => join(dirname(root), name))
    }),
  )
  return found.flat()
}

/** Replaces the file in one step: an iscsiadm that reads it meanwhile sees the old record or the new one. */
async function change({ path, draft }: RecordFile, node: Node, settings: NodeSettings): Promise<void> {
  try {
    const text = withSettings(await readFile(path, 'utf8'), settings)
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW
    const file = await open(draft, flags, PRIVATE)
    try {
      await file.chmod(PRIVATE)
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await unlink(draft).catch(() => {})
    throw new HostError(
      'STATE_UNWRITABLE',
      `Cannot write the node record ${path} of ${node.target}: ${reasonOf(error)}. Put that right and try again.`,
      { cause: error },
    )
  }
}

const PRIVATE = 0o600

/** A record is lines, and open-iscsi strips blanks around a value. */
function ensureWritable({ target }: Node, settings: NodeSettings): void {
  const name = Object.keys(settings).find((name) => {
    const value = settings[name] ?? ''
    return value !== value.trim() || /[\0\r\n]/.test(value) || value.length > MAX_VALUE
  })
  if (name === undefined) return
  throw new HostError(
    'STATE_UNWRITABLE',
    `Cannot log in to ${target}: open-iscsi cannot store its ${name}, which begins or ends with a blank, has a line break or is longer than ${MAX_VALUE} characters. Give the account on the array another one.`,
  )
}

/** @see AUTH_STR_MAX_LEN in usr/auth.h */
const MAX_VALUE = 255
