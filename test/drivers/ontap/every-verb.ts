/** Each verb of a driver that Docker can bring about once, in the ways that ask the most of the array. */

import { randomUUID } from 'node:crypto'
import type { Context } from '../../../src/context.ts'
import type { Driver, IntentId, OptionValues, Volume } from '../../../src/drivers/driver.ts'
import { hasCode } from '../../../src/errors.ts'
import type { ArrayName } from '../../../src/names.ts'
import { type Bytes, GIB } from '../../../src/units.ts'
import { PLAIN } from './svm.ts'

/**
 * @param prefix what names begin with, other than any before
 * @param unmount takes what holds a volume out of the SVM's namespace, as an administrator might
 */
export async function everyVerb(
  ctx: Context,
  driver: Driver<OptionValues>,
  prefix: string,
  unmount: () => Promise<void>,
): Promise<void> {
  const name = (suffix: string) => `${prefix}${suffix}` as ArrayName
  const host = { name: 'h', addresses: ['10.0.0.7'] }
  const a = await made(ctx, driver, name('a'))
  await driver.list(ctx)
  await driver.inspect?.(ctx, a.name)
  await driver.keep(ctx, a)
  await unmount()
  await driver.publish(ctx, a.name, host)
  await driver.unpublish(ctx, a.name, host)
  await driver.snapshots?.list(ctx, a)
  const clones = driver.clone ? await cloned(ctx, driver, a, name) : []
  const intent = randomUUID() as IntentId
  await driver.create(ctx, { ...volume(name('d'), driver), intent })
  await driver.discard(ctx, name('d'), intent)
  for (const each of clones) await driver.remove(ctx, each)
  await removeUnlessNeeded(ctx, driver, a)
  const leftover = await driver.find(ctx, name('d'))
  if (leftover) await driver.remove(ctx, leftover)
}

/** Of the smallest FlexGroup on two aggregates. */
const SIZE = (8 * GIB) as Bytes
const LARGER = (9 * GIB) as Bytes

async function made(ctx: Context, driver: Driver<OptionValues>, name: ArrayName): Promise<Volume> {
  await driver.create(ctx, volume(name, driver))
  return theOne(ctx, driver, name)
}

/** One that is taken back, a plain one, which keeps its source from being removed, and one that is changed and split. */
async function cloned(ctx: Context, driver: Driver<OptionValues>, source: Volume, name: (suffix: string) => ArrayName) {
  const clone = { dockerName: 'x', source: source.name, options: {} }
  const intent = randomUUID() as IntentId
  await driver.clone!(ctx, { ...clone, name: name('e'), intent })
  await driver.discard(ctx, name('e'), intent)
  await driver.clone!(ctx, { ...clone, name: name('b'), intent: randomUUID() as IntentId })
  await removeUnlessNeeded(ctx, driver, source)
  const options = { splitOnClone: true, unixPermissions: '0700' }
  await driver.clone!(ctx, { ...clone, name: name('c'), options, size: LARGER, intent: randomUUID() as IntentId })
  return [await theOne(ctx, driver, name('b')), await theOne(ctx, driver, name('c'))]
}

/** Clones keep their source, even from the array's recovery queue. */
async function removeUnlessNeeded(ctx: Context, driver: Driver<OptionValues>, volume: Volume): Promise<void> {
  await driver.remove(ctx, volume).catch((error: unknown) => {
    if (!hasCode(error, 'HAS_DEPENDENTS')) throw error
  })
}

async function theOne(ctx: Context, driver: Driver<OptionValues>, name: ArrayName): Promise<Volume> {
  const found = await driver.find(ctx, name)
  if (!found) throw new Error(`There is no "${name}".`)
  return found
}

function volume(name: ArrayName, { clone }: Driver<OptionValues>) {
  const { splitOnClone, ...options } = PLAIN
  const own = { ...options, ...(clone && { splitOnClone }) } as unknown as OptionValues
  return { name, dockerName: name, size: SIZE, options: own, intent: randomUUID() as IntentId }
}
