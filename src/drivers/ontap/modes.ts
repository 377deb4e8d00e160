/** Unix permissions of a volume's top directory, in the two notations nDVP took. */

/**
 * `---rwxr-xr-x` (the first three are the special bits, which volumes have none of), `rwxr-xr-x`, `0755` or `755`.
 *
 * @returns a mode such as 0o755, or what is wrong, to be continued after `Option "unixPermissions" `
 */
export function parseMode(text: string): number | string {
  const said = `cannot be ${JSON.stringify(text)}`
  const form = 'write it as ---rwxr-xr-x or 0755'
  const [, letters] = /^(?:---)?([r-][w-][x-][r-][w-][x-][r-][w-][x-])$/.exec(text) ?? []
  if (letters !== undefined) return [...letters].reduce((mode, letter) => mode * 2 + (letter === '-' ? 0 : 1), 0)
  if (/^[1-7][0-7]{3}$/.test(text)) return `${said}: a volume has no special bits (${text[0]}…); ${form}`
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8)
  return `${said}: ${/^\d+$/.test(text) ? 'octal digits are 0 to 7, three of them' : 'it is no mode'}; ${form}`
}

/** `0755`. */
export function printMode(mode: number): string {
  return `0${(mode & 0o777).toString(8).padStart(3, '0')}`
}
