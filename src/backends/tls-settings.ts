/** How an array's certificate is judged, as the config says it. */

/** At most one of the three is usual; of several the first in this order decides. None: see tls.ts. */
export interface TlsSettings {
  /** Accept any certificate. Said in the log at each start. */
  readonly insecureSkipVerify?: boolean
  /** SHA-256 of the one certificate to accept: 64 hex digits in any case, with or without colons. */
  readonly tlsFingerprint?: string
  /** Certificates of authorities to accept, instead of the system's: PEM, PEM in base64, or the path of a PEM file. */
  readonly trustedCACertificate?: string
}
