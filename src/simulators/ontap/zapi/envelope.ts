/** What stands around every request and every answer. */

import type { Reply } from '../../server.ts'
import type { Release } from '../releases.ts'
import { ApiFault, EAPIERROR } from './errors.ts'
import { levelOf, TUNNEL_LEVEL } from './levels.ts'
import { escaped } from './views.ts'
import { type Element, parseXml } from './xml.ts'

export interface Envelope {
  /** The one element of the request. */
  readonly api: Element
  /** Name of the SVM it is tunnelled to. */
  readonly vfiler: string | undefined
}

/** @throws ApiFault. What an array says to what is no request at all is unsure. */
export function opened(body: string, release: Release): Envelope {
  const netapp = parsed(body)
  const [api, ...more] = netapp.children
  if (netapp.name !== 'netapp' || !api || more.length > 0) {
    throw new ApiFault(EAPIERROR, 'The request must be one API within <netapp>.')
  }
  const vfiler = netapp.attributes.get('vfiler')
  checkLevel(netapp.attributes.get('version'), vfiler !== undefined, release)
  return { api, vfiler }
}

/** Status 200 whatever happened. The quotation marks are the array's. */
export function passed(results: string, release: Release): Reply {
  return wrapped(
    results === '' ? '<results status="passed"/>' : `<results status="passed">${results}</results>`,
    release,
  )
}

export function failed({ errno, message }: ApiFault, release: Release): Reply {
  return wrapped(`<results status="failed" errno="${errno}" reason="${escaped(message)}"></results>`, release)
}

function parsed(body: string): Element {
  try {
    return parseXml(body)
  } catch (error) {
    throw new ApiFault(EAPIERROR, `Unable to parse the request: ${(error as Error).message}.`)
  }
}

function checkLevel(version: string | undefined, tunnels: boolean, release: Release): void {
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(version ?? '') ?? []
  if (major === undefined) throw new ApiFault(EAPIERROR, 'The request names no version of ONTAPI.')
  const known = levelOf(release)
  if (Number(major) !== 1 || Number(minor) > known) {
    throw new ApiFault(EAPIERROR, `Version ${version} was requested, but only 1.${known} is supported`)
  }
  if (tunnels && Number(minor) < TUNNEL_LEVEL) {
    throw new ApiFault(EAPIERROR, `Version ${version} knows no vfiler; 1.${TUNNEL_LEVEL} does.`)
  }
}

function wrapped(results: string, release: Release): Reply {
  const body = [
    "<?xml version='1.0' encoding='UTF-8' ?>",
    "<!DOCTYPE netapp SYSTEM 'file:/etc/netapp_gx.dtd'>",
    `<netapp version='1.${levelOf(release)}' xmlns='http://www.netapp.com/filer/admin'>`,
    `${results}</netapp>`,
  ].join('\n')
  return { status: 200, type: 'text/xml; charset=utf-8', body }
}
