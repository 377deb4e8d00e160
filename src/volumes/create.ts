/** Docker's Create: makes or clones a volume, and decides what an existing one means. */

import type { Context } from '../context.ts'
import type { OptionValue, OptionValues, Volume } from '../drivers/driver.ts'
import { BackendError, hasCode, RequestError } from '../errors.ts'
import { parseVolumeName, type VolumeName } from '../names.ts'
import { backoffMs, sleep } from '../retry.ts'
import { printSize } from '../units.ts'
import { type CloneSource, cloneVolume } from './clone.ts'
import { during, settleEarlier } from './recover.ts'
import { arrayOf, dockerNameOf } from './request/array-name.ts'
import { type CreateRequest, parseCreateOptions } from './request/options.ts'
import { newSize } from './request/sizes.ts'
import type { CreateIntent } from './state/journal.ts'
import type { Parts } from './volumes.ts'

/**
 * Makes the volume, unless one that fits the request exists: Docker asks again when it missed an answer, and every
 * host of a Swarm asks for itself.
 *
 * @throws RequestError OPTION_UNKNOWN | OPTION_INVALID | SIZE_TOO_SMALL | SIZE_TOO_LARGE | VOLUME_EXISTS | VOLUME_NOT_FOUND | SNAPSHOT_NOT_FOUND | NOT_SUPPORTED
 */
export async function create(
  parts: Parts,
  ctx: Context,
  name: VolumeName,
  raw: Readonly<Record<string, string>>,
): Promise<void> {
  const { definition, driver, locks } = parts
  const request = requestOf(parts, raw)
  const source = request.from === undefined ? undefined : sourceOf(parts, name, request.from)
  const size = source ? undefined : newSize(parts, request)

  // A source that is copied at an instant need not stand still, nor wait until the array is done.
  const held = source && definition.copiesNeedQuiet ? [name, source.name] : [name]
  await locks.hold(ctx, held, 'create', async () => {
    await settleEarlier(parts, ctx, name)
    const array = arrayOf(parts, name)
    // Docker asks for a volume just before it creates it. If it has come into being since, `create` says so itself.
    const existing = parts.reads.wasAbsent(array) ? undefined : await driver.find(ctx, array)
    if (existing) {
      await take(parts, ctx, name, existing, request, source?.name)
      return parts.known.add(name)
    }

    for (const { option, why } of request.inert) {
      ctx.log.warn(`Option "${option}" has no effect: ${why}`, { volume: name })
    }
    try {
      await during<CreateIntent, void>(parts, ctx, { verb: 'create', name, array }, async ({ id }, note) => {
        const volume = { name: array, dockerName: name, intent: id }
        if (source) await cloneVolume(parts, ctx, { ...volume, source, request, note })
        if (size) await driver.create(ctx, { ...volume, size, options: request.options })
      })
    } catch (error) {
      const winner = hasCode(error, 'ALREADY_EXISTS') ? await driver.find(ctx, array) : undefined
      if (!winner) throw error
      await take(parts, ctx, name, winner, request, source?.name)
    } finally {
      parts.reads.invalidate()
    }
    parts.known.add(name)
  })
}

function requestOf({ definition, driver, settings }: Parts, raw: Readonly<Record<string, string>>): CreateRequest {
  const request = parseCreateOptions(definition, settings.driverName, settings.defaults, raw)
  const resolved = driver.resolveOptions?.(request.given, request.options)
  if (!resolved) return request
  const { asked, options, defaultSize = request.defaultSize } = resolved
  return { ...request, given: withoutUndefined(asked), options: withoutUndefined(options), defaultSize }
}

function withoutUndefined(values: OptionValues): Readonly<Record<string, OptionValue>> {
  const given = Object.entries(values).filter((entry): entry is [string, OptionValue] => entry[1] !== undefined)
  return Object.fromEntries(given)
}

function sourceOf({ definition, driver, settings }: Parts, name: VolumeName, from: string): CloneSource {
  if (!driver.clone) {
    throw new RequestError(
      'NOT_SUPPORTED',
      definition.noClones ?? `Cannot clone volume "${from}": ${settings.driverName} has no clones.`,
    )
  }
  const source = parseVolumeName(from)
  if (source === name) {
    throw new RequestError('OPTION_INVALID', `Cannot clone volume "${name}" onto itself: "from" names the new volume.`)
  }
  return { name: source, copy: driver.clone.bind(driver) }
}

/**
 * Takes an existing volume for the one asked for, if it fits. Whoever made it may no longer take it back. One that is
 * being made, by another host that was asked for the same, may not fit yet.
 */
async function take(
  parts: Parts,
  ctx: Context,
  name: VolumeName,
  existing: Volume,
  request: CreateRequest,
  source: VolumeName | undefined,
): Promise<void> {
  const fits = (volume: Volume) => differencesOf(parts, volume, request, source).length === 0
  const isNews = !parts.known.has(name)
  const made = isNews ? await whenMade(parts, ctx, existing, fits) : existing
  checkFit(parts, name, made, request, source)
  if (made.intent !== undefined) await parts.driver.keep(ctx, made)
}

/** The volume once it fits, or its maker is done, or enough time has passed. */
async function whenMade(
  { driver }: Parts,
  ctx: Context,
  existing: Volume,
  fits: (volume: Volume) => boolean,
): Promise<Volume> {
  const until = performance.now() + MAKING_MS
  let volume = existing
  for (let attempt = 0; volume.intent !== undefined && !fits(volume) && performance.now() < until; attempt++) {
    await sleep(backoffMs(attempt, MOST_PAUSE_MS), ctx.signal)
    const found = await driver.find(ctx, volume.name)
    if (!found) {
      throw new BackendError('BUSY', `Another host was making "${volume.name}" on the array, and gave up. Try again.`)
    }
    volume = found
  }
  return volume
}

const MAKING_MS = 10_000
const MOST_PAUSE_MS = 1_000

/** An existing volume is success when it is what was asked for, and a conflict that says where it differs when not. */
function checkFit(
  parts: Parts,
  name: VolumeName,
  existing: Volume,
  request: CreateRequest,
  source: VolumeName | undefined,
): void {
  const owner = dockerNameOf(parts, existing)
  if (owner !== name) {
    throw new RequestError(
      'VOLUME_EXISTS',
      `Cannot create volume "${name}": the array's name for it, "${existing.name}", is taken by ${owner ? `volume "${owner}"` : `a volume of ${existing.belongsTo ?? 'somebody else'}`}. Choose another name.`,
    )
  }
  const differences = differencesOf(parts, existing, request, source)
  if (differences.length === 0) return
  throw new RequestError(
    'VOLUME_EXISTS',
    `Volume "${name}" exists and differs from what was asked for: ${differences.join('; ')}. Choose another name, or remove the volume first.`,
  )
}

function differencesOf(
  parts: Parts,
  existing: Volume,
  request: CreateRequest,
  source: VolumeName | undefined,
): readonly string[] {
  return [
    ...sizeDifference(parts, existing, request),
    ...Object.entries(request.given)
      .filter(([key, value]) => existing.options[key] !== undefined && existing.options[key] !== value)
      .map(([key, value]) => `its ${key} is ${existing.options[key]}, not ${value}`),
    ...(source && existing.clonedFrom !== arrayOf(parts, source) ? [`it is not a clone of "${source}"`] : []),
  ]
}

/** The array may have rounded up what was asked for, by less than a step. */
function sizeDifference({ definition }: Parts, existing: Volume, request: CreateRequest): readonly string[] {
  const over = existing.size - (request.size ?? existing.size)
  if (over >= 0 && over < definition.sizeStep) return []
  return [`its size is ${printSize(existing.size)}, not ${printSize(existing.size - over)}`]
}
