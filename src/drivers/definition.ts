/** What a driver folder exports: what its config and options may hold, what it needs, and how it is opened. */

import type { Log } from '../log.ts'
import type { NameRule } from '../names.ts'
import type { Run } from '../run.ts'
import type { Bytes } from '../units.ts'
import type { Driver, OptionValue } from './driver.ts'

export interface DriverDefinition<Config, Options> {
  /** What users call it in the log: `Successfully initialized <label> Docker driver version …`. */
  readonly label: string
  /** Its part of the config file. Defaults and descriptions live in the schema. */
  readonly config: PropertySchemas<Config>
  /** Its `docker volume create -o` options, which are also its keys under `defaults` in the config. */
  readonly options: PropertySchemas<Options>
  /** Keys under `defaults` that earlier systems had, and nothing acts on; as `-o` options they are unknown. */
  readonly inertDefaults?: Readonly<Record<string, PropertySchema>>
  readonly names: NameRule
  /** `none` where volumes are told apart by something better than what their names begin with. */
  readonly prefix: 'setting' | 'none'
  /** Multiple of bytes that sizes are rounded up to. */
  readonly sizeStep: number
  /** The least size of a volume with these options. */
  minimumSize(options: Options): Bytes
  /**
   * True when a copy is made from a source in use only after the host has flushed and frozen its filesystem.
   * Arrays copy at an instant and need none.
   */
  readonly copiesNeedQuiet: boolean
  /** Why there are none, as a sentence, where users expect an answer in known words. */
  readonly noClones?: string
  /** `recoverable` where the array keeps deleted volumes for a while. */
  readonly deletePolicies: readonly DeletePolicy[]
  /** Programs of this machine it cannot do without, for `netappdvp check`. */
  readonly tools: readonly string[]
  /** Programs that only some options need. */
  readonly optionalTools: readonly string[]
  /** The size of volumes made without one, where the config says so otherwise than in `defaults.size`. */
  defaultSize?(config: Config): string | undefined
  /** What no schema can say of the settings, and what is to be told though it is no fault. */
  examine?(config: Config, defaults: OptionTexts): readonly Remark[]
  /**
   * What an administrator types on the array so that its user may do what this config needs, and no more; explanations
   * begin with `#`. Absent where the array knows no roles, or there is none.
   */
  roleCommands?(settings: RoleSettings<Config>): Promise<readonly string[]>
  /** Asks the array whether this config will work, changing nothing there or here. Only defects are thrown. */
  checkArray?(settings: ArrayCheck<Config>): Promise<readonly ArrayFinding[]>
  /** Resolves to a driver that works, or throws. There is no half-open driver. */
  open(settings: DriverSettings<Config>): Promise<Driver<Options>>
}

/** Option values as `-o` gives them. */
export type OptionTexts = Readonly<Record<string, string>>

export interface Remark {
  readonly level: 'error' | 'warning'
  /** Where in the config, as a JSON pointer of its own spelling: `/Types/0`. */
  readonly path: string
  /** What is wrong and what to do, without a full stop. */
  readonly sentence: string
}

export type DeletePolicy = 'recoverable' | 'purge' | 'retain'

export interface DriverSettings<Config> {
  readonly config: Config
  /** What array names begin with. */
  readonly prefix: string
  readonly deletePolicy: DeletePolicy
  /** This instance's own directory, which exists. */
  readonly stateDirectory: string
  readonly log: Log
  readonly run: Run
  readonly signal: AbortSignal
}

export type RoleSettings<Config> = Pick<DriverSettings<Config>, 'config' | 'deletePolicy'>

/** `signal` aborts when nobody wants to wait any longer, with a reason that says so. */
export type ArrayCheck<Config> = Pick<
  DriverSettings<Config>,
  'config' | 'deletePolicy' | 'stateDirectory' | 'log' | 'signal'
>

/** What an array says of a config; as Finding of config/finding.ts. */
export interface ArrayFinding {
  readonly level: 'ok' | 'warning' | 'error'
  /** In a word: `array`, `role`. */
  readonly subject: string
  /** One sentence. */
  readonly message: string
  /** One sentence: what to do. */
  readonly remedy?: string
}

/** One JSON schema a setting or option; the type says which settings there are and which may be absent. */
export type PropertySchemas<T> = { readonly [Key in keyof T]-?: PropertySchema }

/** The part of JSON Schema that settings and options are described with. */
export interface PropertySchema {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object'
  /** One sentence for the README, `-o help` and editors. */
  readonly description: string
  readonly default?: OptionValue
  readonly enum?: readonly OptionValue[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  /** `size`: a size as units.ts reads it. `percent`: `80` or `80%`. `path`: absolute. */
  readonly format?: 'size' | 'percent' | 'path'
  readonly items?: object
  /** Of arrays: one item may stand for a list of one. */
  readonly orOne?: boolean
  readonly properties?: object
  /** Must be given. */
  readonly required?: boolean
  /** Never printed; may also come from a file, the environment or systemd. */
  readonly secret?: boolean
  /** Other spellings, besides other case. */
  readonly aliases?: readonly string[]
  /** Of options: a clone has it from its source, and can have no other. */
  readonly inherited?: boolean
  /** Known from earlier systems and not acted on: why. Giving it is a warning. */
  readonly inert?: string
}

/** A definition whose own types the registry has let go; config is validated before `open`. */
export interface AnyDriverDefinition
  extends Omit<
    DriverDefinition<never, never>,
    'config' | 'options' | 'open' | 'minimumSize' | 'defaultSize' | 'examine' | 'roleCommands' | 'checkArray'
  > {
  readonly config: Readonly<Record<string, PropertySchema>>
  readonly options: Readonly<Record<string, PropertySchema>>
  minimumSize(options: never): Bytes
  defaultSize?(config: never): string | undefined
  examine?(config: never, defaults: OptionTexts): readonly Remark[]
  roleCommands?(settings: RoleSettings<never>): Promise<readonly string[]>
  checkArray?(settings: ArrayCheck<never>): Promise<readonly ArrayFinding[]>
  open(settings: DriverSettings<never>): Promise<Driver<never>>
}

/** Ties a definition's schemas to its types where it is written. */
export function defineDriver<Config, Options>(
  definition: DriverDefinition<Config, Options>,
): DriverDefinition<Config, Options> {
  return definition
}
