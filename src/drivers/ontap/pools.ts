/**
 * Virtual pools: the setting `storage`, in Trident's form. Each is a way to make volumes, with labels to be chosen by
 * and options of its own. A config without is one pool.
 */

import { RequestError } from '../../errors.ts'
import { suggest } from '../../nearest.ts'
import type { OptionValues, PropertySchema, Remark } from '../driver.ts'
import { inert, inertAccess, listOf } from './access.ts'
import type { Labels } from './marks.ts'

export interface PoolSettings {
  readonly labels?: Labels
  readonly region?: string
  readonly zone?: string
  readonly storage?: readonly PoolSetting[]
}

export interface PoolSetting {
  readonly labels?: Labels
  readonly region?: string
  readonly zone?: string
  readonly aggregate?: string | readonly string[]
  /** Options, `size` among them. */
  readonly defaults?: OptionValues
}

export interface Pool {
  /** To choose by: labels of the config and its own, `region` and `zone`. */
  readonly labels: Labels
  /** Empty for all that the SVM is assigned. */
  readonly aggregates: readonly string[]
  readonly defaults: OptionValues
}

/** @param options what `defaults` of a pool may hold, those without effect among them */
export function poolSettings(
  options: Readonly<Record<string, PropertySchema>>,
): Readonly<Record<keyof PoolSettings, PropertySchema>> {
  const labels: PropertySchema = { type: 'object', description: 'Labels to choose a pool by: names and texts.' }
  const region: PropertySchema = { type: 'string', minLength: 1, description: 'A label of the name `region`.' }
  const zone: PropertySchema = { type: 'string', minLength: 1, description: 'A label of the name `zone`.' }
  return {
    labels: { ...labels, description: 'Labels of every pool.' },
    region,
    zone,
    storage: {
      type: 'array',
      description:
        'Pools to choose among with `-o selector`: each has `labels`, `region`, `zone`, `aggregate` and `defaults` that go before the config’s.',
      items: {
        type: 'object',
        description: 'A pool.',
        properties: {
          labels,
          region,
          zone,
          aggregate: {
            type: 'array',
            items: { type: 'string', minLength: 1, description: 'Name of an aggregate.' },
            orOne: true,
            description: 'Aggregates of this pool: one, or a list. Default: the config’s.',
          },
          defaults: {
            type: 'object',
            description: 'Options of volumes made in this pool.',
            properties: {
              size: { type: 'string', format: 'size', description: 'Size of a volume made without one.' },
              ...withoutDefaults(options),
            },
          },
          supportedTopologies: inertAccess.supportedTopologies,
          nasType: inert('volumes are mounted over NFS'),
          sanType: inert('it is a setting of ontap-san'),
        },
      },
    },
  }
}

function withoutDefaults(options: Readonly<Record<string, PropertySchema>>): Readonly<Record<string, PropertySchema>> {
  const entries = Object.entries(options).filter(([name]) => name !== 'selector' && name !== 'aggregate')
  return Object.fromEntries(entries.map(([name, { default: _, ...schema }]) => [name, schema]))
}

export function poolsOf(settings: PoolSettings, aggregate: string | readonly string[] | undefined): readonly Pool[] {
  const { storage = [{}] } = settings
  return storage.map((pool) => ({
    labels: { ...placeOf(settings), ...settings.labels, ...placeOf(pool), ...pool.labels },
    aggregates: listOf(pool.aggregate ?? aggregate),
    defaults: pool.defaults ?? {},
  }))
}

function placeOf({ region, zone }: Pick<PoolSetting, 'region' | 'zone'>): Labels {
  return { ...(region !== undefined && { region }), ...(zone !== undefined && { zone }) }
}

/** What the schema cannot see: labels are texts, and an empty list makes no volumes. */
export function examinePools({ labels, storage }: PoolSettings): readonly Remark[] {
  const all = [
    { path: '/labels', labels },
    ...(storage ?? []).map((pool, i) => ({ path: `/storage/${i}/labels`, ...pool })),
  ]
  const odd = all.flatMap(({ path, labels = {} }) =>
    Object.entries(labels)
      .filter(([name, value]) => typeof value !== 'string' || !LABEL.test(name))
      .map(
        ([name]): Remark => ({
          level: 'error',
          path,
          sentence: `label ${JSON.stringify(name)} of a pool is not a text, or not of a name in letters, digits, "_", "." and "-"`,
        }),
      ),
  )
  const none: readonly Remark[] =
    storage?.length === 0
      ? [
          {
            level: 'error',
            path: '/storage',
            sentence: 'setting "storage" is an empty list; give a pool, or leave it out',
          },
        ]
      : []
  return [...odd, ...none]
}

const LABEL = /^[A-Za-z0-9_.-]+$/

/**
 * The pools that a selector means: `tier=gold`, several with `,` or `;` between them, all of which must be so; `!=` for
 * what must not. Without one: all.
 *
 * @throws RequestError OPTION_INVALID
 */
export function poolsFor(pools: readonly Pool[], selector: string | undefined): readonly Pool[] {
  if (selector === undefined) return pools
  const terms = selector.split(/[,;]/).map((term) => parseTerm(term, selector))
  const known = new Set(pools.flatMap(({ labels }) => Object.keys(labels)))
  for (const { name } of terms) if (!known.has(name)) throw unknownLabel(name, [...known])
  const chosen = pools.filter(({ labels }) => terms.every(({ name, value, not }) => (labels[name] === value) !== not))
  if (chosen.length > 0) return chosen
  const offers = pools.map(({ labels }) => printLabels(labels)).join(' | ')
  throw new RequestError(
    'OPTION_INVALID',
    `Option "selector" cannot be ${JSON.stringify(selector)}: no pool of the config has these labels. There are: ${offers}.`,
  )
}

function parseTerm(term: string, selector: string) {
  const [, name, not, value] = /^\s*([A-Za-z0-9_.-]+)\s*(!?)==?\s*(.+?)\s*$/.exec(term) ?? []
  if (name !== undefined && value !== undefined) return { name, value, not: not === '!' }
  throw new RequestError(
    'OPTION_INVALID',
    `Option "selector" cannot be ${JSON.stringify(selector)}: it takes labels such as tier=gold,zone!=b.`,
  )
}

function unknownLabel(name: string, known: readonly string[]): RequestError {
  if (known.length === 0) {
    return new RequestError(
      'OPTION_INVALID',
      'Option "selector" has nothing to choose from: the config has no pools with labels. Leave it out, or add "storage".',
    )
  }
  const near = suggest(name, known)
  return new RequestError(
    'OPTION_INVALID',
    `Option "selector" asks for the label "${name}", which no pool has. ${near === undefined ? `There are: ${known.join(', ')}.` : `Did you mean "${near}"?`}`,
  )
}

function printLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}
