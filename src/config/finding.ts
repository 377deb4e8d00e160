/** Something worth telling whoever keeps this host. `netappdvp check` prints them, the daemon logs them. */

export interface Finding {
  readonly level: 'ok' | 'warning' | 'error'
  /** What it is about, in a word or a path: `config`, `iscsiadm`, `/run/docker/plugins`. */
  readonly subject: string
  /** One sentence. */
  readonly message: string
  /** One sentence: what to do. */
  readonly remedy?: string
}
