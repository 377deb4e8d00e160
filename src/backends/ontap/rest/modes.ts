/** Permissions, which REST writes as a number whose decimal digits are octal ones: 755 is 0o755. */

export function writtenMode(mode: number): number {
  return Number(mode.toString(8))
}

export function readMode(digits: number | undefined): number | undefined {
  return digits !== undefined && /^[0-7]{1,4}$/.test(String(digits)) ? Number.parseInt(String(digits), 8) : undefined
}
