/** Which ONTAP it is, and which level of ONTAPI it has. */

import type { Context } from '../../../context.ts'
import { BackendError, hasCode } from '../../../errors.ts'
import type { Http } from '../../http.ts'
import type { OntapRelease } from '../ontap.ts'
import { askOnce } from './ask.ts'
import type { XmlFields } from './fields.ts'

/** One try: whoever opens this will come again, and says meanwhile what is amiss. */
export async function releaseByZapi(http: Http, ctx: Context): Promise<OntapRelease> {
  try {
    return releaseIn(await askOnce(http, ctx, { version: OLDEST }, { api: 'system-get-version' }))
  } catch (error) {
    if (!hasCode(error, 'UNAUTHORIZED') || !('errno' in error)) throw error
    return releaseOfLevel(await askOnce(http, ctx, { version: OLDEST }, { api: 'system-get-ontapi-version' }))
  }
}

/** Of ONTAP 8.2, and so taken by every cluster there is. */
const OLDEST = '1.21'

/**
 * The level to speak: that of the release without its updates, which add little, and refuse what is newer than they are.
 * With 9.10.1 (1.201) ONTAPI was frozen.
 */
export function levelOf({ generation, major }: OntapRelease): string {
  return generation < 9 ? `1.${10 * major}` : `1.${Math.min(NEWEST, 100 + 10 * major)}`
}

const NEWEST = 200

function releaseIn(results: XmlFields): OntapRelease {
  const text = results.text('version')
  if (results.optionalFlag('is-clustered') === false || /7-mode/i.test(text)) {
    throw new BackendError(
      'TOO_OLD',
      `Cannot use the array: it runs ${text}, and only clusters have SVMs. Use Data ONTAP 8.3 or later.`,
    )
  }
  const tuple = results.fields('version-tuple').fields('system-version-tuple')
  if (tuple.has('generation')) {
    return {
      generation: tuple.count('generation'),
      major: tuple.count('major'),
      minor: tuple.optionalCount('minor') ?? 0,
      text,
    }
  }
  const [, generation, major, minor = '0'] = /\b(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? []
  if (generation === undefined || major === undefined) throw results.wrong('version', 'a release of ONTAP')
  return { generation: Number(generation), major: Number(major), minor: Number(minor), text }
}

/** 30 is 8.3, 100 is 9.0, 191 is 9.9.1. */
function releaseOfLevel(results: XmlFields): OntapRelease {
  const level = results.count('minor-version')
  const [generation, updates] = level < 100 ? [8, level] : [9, level - 100]
  const text = `ONTAP with ONTAPI ${results.count('major-version')}.${level}`
  return { generation, major: Math.floor(updates / 10), minor: updates % 10, text }
}
