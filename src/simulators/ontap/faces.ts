/** One address, two faces: REST below /api/, ONTAPI at its one path. Which of them there is depends on the release. */

import { type ArrayFace, page, type Reply, type Request } from '../server.ts'
import type { Clockwork } from './clockwork.ts'
import type { FaceTools } from './face.ts'
import { ArrayFault } from './faults.ts'
import type { Keeper } from './keeper.ts'
import { hasRest, hasZapi } from './releases.ts'
import { restFace } from './rest/face.ts'
import { zapiFace } from './zapi/face.ts'

export type OneFace = Omit<ArrayFace, 'control'>

export function twoFaces(tools: FaceTools, clockwork: Clockwork, keeper: Keeper): OneFace {
  const [rest, zapi] = [restFace(tools), zapiFace(tools)]
  const { release } = tools.array
  const faceOf = ({ path }: Pick<Request, 'path'>) => {
    if (/^\/api(?:\/|$)/.test(path)) return hasRest(release) ? rest : NO_FACE
    if (path === ZAPI_PATH) return hasZapi(release) ? zapi : NO_FACE
    return NO_FACE
  }
  return {
    operationOf: (request) => faceOf(request).operationOf(request),
    async answer(request) {
      try {
        await clockwork.tick()
        const reply = await faceOf(request).answer(request)
        // What a job has done is carried out before anybody is told that it is done.
        await keeper.quiet()
        return reply
      } catch (error) {
        // What failed is this machine's: it was reported.
        if (error instanceof ArrayFault) return page(500, error.message)
        throw error
      } finally {
        clockwork.wind()
      }
    },
    refuse: (request, name) => faceOf(request).refuse(request, name),
    misaddress: (reply: Reply) => reply,
  }
}

const ZAPI_PATH = '/servlets/netapp.servlets.admin.XMLrequest_filer'

/** What the web server says where there is no such API. */
const NO_FACE: OneFace = {
  operationOf: () => undefined,
  answer: async () => page(404, 'Not Found'),
  refuse: () => page(404, 'Not Found'),
  misaddress: (reply) => reply,
}
