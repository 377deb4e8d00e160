/** What `-o type` and `-o qos` mean with this config and on this array. */

import type { ElementLimits } from '../../backends/element/element.ts'
import { RequestError } from '../../errors.ts'
import type { ResolvedOptions } from '../driver.ts'
import type { Options } from './config.ts'
import { excessIn, parseQos, printQos, type QosType, typeNamed, unknownType } from './qos.ts'

export class OptionReader {
  readonly #types: readonly QosType[]
  readonly #limits: ElementLimits

  constructor(types: readonly QosType[], limits: ElementLimits) {
    this.#types = types
    this.#limits = limits
  }

  /**
   * A type becomes the IOPS it stands for, under the name the config gives it. What was asked for puts the other of the
   * two, where it comes from the config's defaults, aside.
   *
   * @throws RequestError OPTION_INVALID
   */
  resolve(asked: Partial<Options>, options: Options): ResolvedOptions {
    if (asked.type !== undefined && asked.qos !== undefined) {
      throw refuse(
        `"type=${asked.type}" and "qos=${asked.qos}" are both given: each sets the quality of service. Leave one out`,
      )
    }
    const { type, qos, ...others } = options
    const service = this.#service(asked)
    return { asked: { ...asked, ...service }, options: { ...others, ...(service ?? this.#service(options)) } }
  }

  /** Undefined when neither is given. */
  #service({ type, qos }: Pick<Partial<Options>, 'type' | 'qos'>): Pick<Options, 'type' | 'qos'> | undefined {
    if (type !== undefined) {
      const known = typeNamed(this.#types, type)
      if (!known) throw refuse(`"type" ${unknownType(this.#types, type)}`)
      const excess = excessIn(known.Qos, this.#limits)
      if (excess !== undefined)
        throw refuse(`"type" cannot be "${known.Type}": its ${excess}. Mend "Types" in the configuration`)
      return { type: known.Type, qos: printQos(known.Qos) }
    }
    if (qos === undefined) return undefined
    const parsed = parseQos(qos)
    if (typeof parsed === 'string') throw refuse(`"qos" ${parsed}`)
    const excess = excessIn(parsed, this.#limits)
    if (excess !== undefined) throw refuse(`"qos" cannot be ${printQos(parsed)}: ${excess}`)
    return { qos: printQos(parsed) }
  }
}

/** @param words of the option, without the final full stop */
function refuse(words: string): RequestError {
  return new RequestError('OPTION_INVALID', `Option ${words}.`)
}
