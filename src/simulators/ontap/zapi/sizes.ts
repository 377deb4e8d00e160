/** Sizes as ONTAP writes and reads them: 1024-based, with one letter for the unit. */

const UNITS = ['', 'k', 'm', 'g', 't', 'p']

/** Bytes of `1g`, `20MB` or `1073741824`; undefined when it is no size. */
export function sizeOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([kmgtp]?)b?$/i.exec(text.trim()) ?? []
  return digits === undefined ? undefined : Math.floor(Number(digits) * 1024 ** UNITS.indexOf(unit.toLowerCase()))
}

/** As volume-size answers: `20m`, `1g`, by the largest unit that divides it. */
export function sizeText(bytes: number): string {
  let [rest, step] = [bytes, 0]
  while (rest > 0 && rest % 1024 === 0 && step < UNITS.length - 1) [rest, step] = [rest / 1024, step + 1]
  return `${rest}${UNITS[step]}`
}

/** As messages have it: `"1GB" ("1073741824B")`. */
export function sizeWords(bytes: number): string {
  return `"${sizeText(bytes).toUpperCase()}B" ("${bytes}B")`
}
