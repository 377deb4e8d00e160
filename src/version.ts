/** Which build this is. */

interface Stamps {
  readonly version: string
  /** The commit, or `custom` for a tree that is none. */
  readonly build: string
  readonly built: string
}

/** The build puts its stamps in place of this name; from source there is none. */
declare const NETAPPDVP_STAMPS: Stamps | undefined

const stamps: Stamps =
  typeof NETAPPDVP_STAMPS === 'undefined'
    ? { version: 'dev', build: 'source', built: 'never' }
    : (NETAPPDVP_STAMPS as Stamps)

/** As nDVP says it: bare for a commit's build, `-custom` for another. */
export const version = {
  text: stamps.build === 'custom' ? `${stamps.version}-custom` : stamps.version,
  build: stamps.build,
  built: stamps.built,
} as const
