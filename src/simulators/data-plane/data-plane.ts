/** What a simulated array asks of those who keep its volumes' bytes and let hosts reach them. */

export interface DataPlane<Effect = unknown> {
  /** Carries out what calls did, one after the other. Rejects when the kernel refused one of them. */
  apply(effects: readonly Effect[]): Promise<void>
  /** Whether targets answer at all. */
  setPortal(enabled: boolean): Promise<void>
  /** Ends the sessions of one volume; hosts may log in again. */
  dropSessions(volumeID: number): Promise<void>
  /** Takes every target away and keeps the bytes. */
  close(): Promise<void>
}
