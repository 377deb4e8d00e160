/** Reads the inputs of a call. An element without content is an empty text, not an absent input. */

import { ApiFault, EAPIERROR, invalidValue, missingInput } from './errors.ts'
import { sizeOf } from './sizes.ts'
import type { Element } from './xml.ts'

export class Input {
  readonly #api: Element

  constructor(api: Element) {
    this.#api = api
  }

  /** Name of the API. */
  get api(): string {
    return this.#api.name
  }

  element(name: string): Element | undefined {
    return this.#api.children.find((child) => child.name === name)
  }

  has(name: string): boolean {
    return this.element(name) !== undefined
  }

  /** @throws ApiFault when it is absent */
  text(name: string): string {
    const text = this.optionalText(name)
    if (text === undefined) throw missingInput(name)
    return text
  }

  optionalText(name: string): string | undefined {
    return this.element(name)?.text
  }

  optionalFlag(name: string): boolean | undefined {
    const text = this.optionalText(name)
    if (text === undefined) return undefined
    if (/^true$/i.test(text)) return true
    if (/^false$/i.test(text)) return false
    throw this.#invalid(name, text)
  }

  number(name: string): number {
    const number = this.optionalNumber(name)
    if (number === undefined) throw missingInput(name)
    return number
  }

  /** Digits only: what a schema calls an integer takes no unit. */
  optionalNumber(name: string): number | undefined {
    const text = this.optionalText(name)
    if (text === undefined) return undefined
    const number = /^\d{1,19}$/.test(text) ? Number(text) : Number.NaN
    if (Number.isNaN(number)) throw this.#invalid(name, text)
    return number
  }

  /** Bytes of a text such as `1g`. */
  optionalSize(name: string): number | undefined {
    const text = this.optionalText(name)
    if (text === undefined) return undefined
    const size = sizeOf(text)
    if (size === undefined) throw this.#invalid(name, text)
    return size
  }

  optionalChoice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.optionalText(name)
    if (text === undefined) return undefined
    const choice = choices.find((choice) => choice === text)
    if (choice === undefined) throw this.#invalid(name, text)
    return choice
  }

  /** Texts of the elements in a list, whatever they are called in there; undefined when there is no such list. */
  optionalTexts(name: string): readonly string[] | undefined {
    return this.element(name)?.children.map(({ text }) => text)
  }

  /** The name behind `/vol/<volume>/<qtree>`, or behind `/vol/<volume>`, where it is empty. */
  qtreePath(name: string): { readonly volume: string; readonly qtree: string } {
    const text = this.text(name)
    const [, volume, qtree = ''] = /^\/vol\/([^/]+)(?:\/([^/]+))?$/.exec(text) ?? []
    if (volume === undefined) throw new ApiFault(EAPIERROR, `Invalid qtree path "${text}".`)
    return { volume, qtree }
  }

  #invalid(name: string, text: string): ApiFault {
    return invalidValue(name, this.api, text)
  }
}
