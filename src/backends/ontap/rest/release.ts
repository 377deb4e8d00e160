/** Which ONTAP it is, as REST tells. */

import type { Context } from '../../../context.ts'
import type { Fields } from '../../fields.ts'
import type { Http } from '../../http.ts'
import type { OntapRelease } from '../ontap.ts'
import { RestClient } from './client.ts'

/**
 * One try: whoever opens this will come again, and says meanwhile what is amiss.
 *
 * @throws BackendError TOO_OLD when there is no REST, UNAUTHORIZED
 */
export function releaseByRest(http: Http, ctx: Context): Promise<OntapRelease> {
  const client = new RestClient({ http, tries: 1, firstPauseMs: 0 })
  return client.object(ctx, { method: 'GET', path: '/cluster', query: { fields: 'version' } }, (cluster) =>
    readRelease(cluster.fields('version')),
  )
}

function readRelease(version: Fields): OntapRelease {
  const number = (name: string) => {
    const word = version.word(name)
    if (/^\d{1,3}$/.test(word)) return Number(word)
    throw version.wrong(name, 'a whole number')
  }
  return {
    generation: number('generation'),
    major: number('major'),
    minor: number('minor'),
    text: version.text('full'),
  }
}
