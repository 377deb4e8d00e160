/** Settings that every driver of an array has. */

import type { PropertySchemas } from './driver.ts'

export interface ArraySettings {
  readonly trustedCACertificate?: string
  readonly tlsFingerprint?: string
  readonly insecureSkipVerify: boolean
  readonly maxConcurrentRequests: number
}

export const arraySettings: PropertySchemas<ArraySettings> = {
  trustedCACertificate: {
    type: 'string',
    minLength: 1,
    description:
      "Certificates of the authorities that may have signed the array's: a PEM file's path, PEM, or PEM in base64. Without it, the system's authorities count, and else the certificate of the first contact is pinned.",
  },
  tlsFingerprint: {
    type: 'string',
    pattern: '^(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$',
    description: "SHA-256 of the array's certificate, with or without colons: that one and no other is accepted.",
  },
  insecureSkipVerify: {
    type: 'boolean',
    default: false,
    description: 'Accept any certificate, as nDVP did. Whoever is between host and array then learns the password.',
  },
  maxConcurrentRequests: {
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    default: 20,
    description: 'How many calls to the array may be under way at a time.',
  },
}
