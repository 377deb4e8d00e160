/** Which of the SVMs that can be seen is meant. */

import { BackendError, ConfigError } from '../../errors.ts'
import type { OntapSvm } from './ontap.ts'

/** MetroCluster has an SVM under the one name on one site, and under the other on the other. */
const METROCLUSTER = '-mc'

/** What an SVM may be called, the likeliest first. */
export function spellingsOf(name: string): readonly [string, string] {
  return [name, name.endsWith(METROCLUSTER) ? name.slice(0, -METROCLUSTER.length) : `${name}${METROCLUSTER}`]
}

/**
 * @param name as the config has it; absent: the only one there is
 * @param found those of that name, or all
 * @param all for the message
 *
 * @throws ConfigError CONFIG_INVALID, BackendError NOT_FOUND
 */
export async function chooseSvm(
  address: string,
  name: string | undefined,
  found: readonly OntapSvm[],
  all: () => Promise<readonly OntapSvm[]>,
): Promise<OntapSvm> {
  if (name === undefined) {
    const [only, ...others] = found
    if (only && others.length === 0) return only
    throw new ConfigError(
      'CONFIG_INVALID',
      `Cannot derive SVM to use, please specify SVM in config file. ${address} shows ${namesOf(found)}.`,
    )
  }
  for (const spelling of spellingsOf(name)) {
    const svm = found.find((other) => other.name === spelling)
    if (svm) return svm
  }
  throw new BackendError(
    'NOT_FOUND',
    `Cannot find the SVM "${name}" on ${address}, which shows ${namesOf(await all())}. Correct the setting "svm", or give the user the right to that SVM.`,
  )
}

function namesOf(svms: readonly OntapSvm[]): string {
  const names = svms.map(({ name }) => `"${name}"`).sort()
  return names.length === 0 ? 'none to this user' : names.join(', ')
}
