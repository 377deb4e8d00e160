/** What it takes to reach an ONTAP. */

import type { Log } from '../../log.ts'
import type { Secret } from '../../secret.ts'
import type { TlsSettings } from '../tls-settings.ts'

export interface OntapSettings {
  /** Of the cluster or the SVM: a name, IPv4, or IPv6 with or without brackets; brackets if a port follows. */
  readonly managementLIF: string
  /** Absent: the only one that can be seen. */
  readonly svm?: string
  readonly credentials: OntapCredentials
  /** Absent: as the release has it best. */
  readonly useREST?: boolean
  readonly tls: TlsSettings
  /** Pinned certificates are kept here, in `certificates.json`. */
  readonly stateDirectory: string
  /** Pin none; those that are there count. */
  readonly readOnly?: boolean
  readonly maxConcurrentRequests: number
  readonly log: Log
  /** Aborted when the daemon goes down. */
  readonly signal: AbortSignal
  /** Before the second try of a call; doubles from try to try. 1000 unless told. */
  readonly firstPauseMs?: number
}

export type OntapCredentials =
  | { readonly username: string; readonly password: Secret }
  /** PEM, PEM in base64, or the absolute path of a PEM file. */
  | { readonly clientCertificate: string; readonly clientPrivateKey: Secret }
