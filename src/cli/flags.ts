/** Flags as yargs leaves them. */

export type Flags = Readonly<Record<string, unknown>>

/** Empty when it is not given; nDVP took both for the same. */
export function text(flags: Flags, name: string): string {
  const value = flags[name]
  return typeof value === 'string' ? value : ''
}
