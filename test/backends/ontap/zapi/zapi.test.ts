import type { Subject } from '../contract-scene.ts'
import { ontapContract } from '../ontap.contract.ts'

const zapi: Omit<Subject, 'release'> = {
  dialect: 'zapi',
  operations: {
    create: 'volume-create',
    find: 'volume-get-iter',
    remove: 'volume-destroy',
    change: 'volume-modify-iter',
  },
  rightToCreate: /-cmddirname "volume create" -access all/,
}

ontapContract({ ...zapi, release: '9.11.1' })

/** The last release with both, where the config asks for ZAPI. */
ontapContract({ ...zapi, release: '9.17.1', useREST: false })

ontapContract({
  ...zapi,
  release: '8.3',
  lacks: ['encryption', 'tiering', 'adaptive QoS', 'FlexGroup', 'FlexGroup clones'],
})
