/** As whom the array knows us. */

import { commonNameOf } from '../tls-client.ts'
import type { OntapCredentials } from './settings.ts'

/** Undefined when the certificate cannot be read, or has no name for us. */
export async function userOf(credentials: OntapCredentials): Promise<string | undefined> {
  return 'username' in credentials ? credentials.username : commonNameOf(credentials.clientCertificate)
}
