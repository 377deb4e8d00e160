/** What operations did, for those who keep the bytes. */

/**
 * What an operation did, for those who keep the bytes. `volume` is a UUID. `exports`: junctions, policies, rules, modes
 * or what shows of `.snapshot` changed, and what is wanted now is in the state.
 */
export type Effect =
  | { readonly kind: 'make'; readonly volume: string; readonly size: number }
  | {
      readonly kind: 'clone'
      readonly volume: string
      readonly from: string
      readonly snapshot?: string
      readonly size: number
    }
  | { readonly kind: 'resize'; readonly volume: string; readonly size: number }
  | { readonly kind: 'destroy'; readonly volume: string }
  | { readonly kind: 'snapshot' | 'unsnapshot' | 'restore'; readonly volume: string; readonly snapshot: string }
  | { readonly kind: 'qtree' | 'unqtree'; readonly volume: string; readonly qtree: string }
  | { readonly kind: 'rename-qtree'; readonly volume: string; readonly qtree: string; readonly to: string }
  | { readonly kind: 'quota'; readonly volume: string; readonly qtree: string; readonly limit?: number }
  | { readonly kind: 'exports' }
