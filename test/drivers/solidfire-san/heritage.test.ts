/** Volumes of earlier systems: each is found, mounted, cloned and removed. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { Driver, IntentId } from '../../../src/drivers/driver.ts'
import type { Options } from '../../../src/drivers/solidfire-san/config.ts'
import type { ArrayName } from '../../../src/names.ts'
import { GIB } from '../../../src/units.ts'
import { block } from '../../contract/block.ts'
import { type Cluster, ctx, startCluster, TENANT } from './cluster.ts'

/** How each of them left a volume that Docker calls `app_data`, or `appdata` where "_" could not be. */
const MAKERS = [
  {
    maker: 'nDVP 1.3.0',
    docker: 'appdata',
    name: 'netappdvp-appdata',
    attributes: { platform: 'Docker-NDVP' },
    filesystem: 'ext4',
  },
  {
    maker: 'nDVP 1.3.3',
    docker: 'app_data',
    name: 'app-data',
    attributes: { platform: 'Docker-NDVP', 'ndvp-version': '1.3.3 [1.3.3 [native]]', 'docker-name': 'app_data' },
    filesystem: 'ext4',
  },
  {
    maker: 'nDVP 17.10',
    docker: 'app_data',
    name: 'app-data',
    attributes: {
      platform: 'Docker-NDVP',
      'ndvp-version': '17.10.1 [native]',
      'docker-name': 'app_data',
      fstype: 'xfs',
    },
    filesystem: 'xfs',
  },
  {
    maker: 'Trident',
    docker: 'app_data',
    name: 'app-data',
    attributes: {
      trident: '{"version":"26.02.0","platform":"docker","platformVersion":"27","plugin":"solidfire-san"}',
      'docker-name': 'app_data',
      fstype: 'ext3',
    },
    filesystem: 'ext3',
  },
] as const

suite('a volume made by', () => {
  let cluster: Cluster
  let driver: Driver<Options>
  beforeEach(async () => {
    cluster = await startCluster()
    await (await cluster.open()).close()
  })
  afterEach(() => cluster.close())

  async function make(name: string, attributes: object): Promise<void> {
    const { account } = await cluster.api<{ account: { accountID: number } }>('GetAccountByName', { username: TENANT })
    const { accountID } = account
    await cluster.api('CreateVolume', { name, accountID, totalSize: GIB, enable512e: true, attributes })
  }

  for (const { maker, docker, name, attributes, filesystem } of MAKERS) {
    test(`${maker} is found, listed, mounted, cloned and removed`, async () => {
      await make(name, attributes)
      driver = await cluster.open({ deletePolicy: 'purge' })
      const found = await driver.find(ctx, docker as ArrayName)
      assert.equal(found?.dockerName, docker)
      assert.equal(found.options['fileSystemType'], filesystem)
      assert.equal(found.foreign, undefined)
      assert.deepEqual(
        (await driver.list(ctx)).map((volume) => volume.dockerName),
        [docker],
      )

      const publication = block(await driver.publish(ctx, docker as ArrayName, { name: 'h' }))
      assert.deepEqual(publication.format, { state: 'ready' }, 'it is never formatted')
      assert.equal(publication.filesystem, filesystem)

      const clone = { name: 'copy' as ArrayName, dockerName: 'copy', source: docker as ArrayName, options: {} }
      await driver.clone!(ctx, { ...clone, intent: randomUUID() as IntentId })
      const copied = block(await driver.publish(ctx, 'copy' as ArrayName, { name: 'h' }))
      assert.deepEqual([copied.format, copied.filesystem], [{ state: 'ready' }, filesystem])

      await driver.remove(ctx, found)
      assert.equal(await driver.find(ctx, docker as ArrayName), undefined)
      assert.ok(await driver.find(ctx, 'copy' as ArrayName))
    })
  }

  test('nDVP 1.3.0 with a prefix of its own is found by LegacyNamePrefix', async () => {
    await make('old-v1', { platform: 'Docker-NDVP' })
    driver = await cluster.open({ LegacyNamePrefix: 'old-' })
    assert.equal((await driver.find(ctx, 'v1' as ArrayName))?.dockerName, 'v1')
  })

  test('somebody on the array, without a mark, is listed and can be mounted, and is known for a stranger', async () => {
    await make('theirs', { team: 'red' })
    driver = await cluster.open()
    const found = await driver.find(ctx, 'theirs' as ArrayName)
    assert.equal(found?.foreign, true)
    assert.equal(block(await driver.publish(ctx, 'theirs' as ArrayName, { name: 'h' })).format.state, 'ready')
  })

  test('somebody for another account does not exist for us', async () => {
    const { accountID } = await cluster.api<{ accountID: number }>('AddAccount', { username: 'others' })
    const attributes = { 'docker-name': 'db' }
    await cluster.api('CreateVolume', { name: 'db', accountID, totalSize: GIB, enable512e: true, attributes })
    driver = await cluster.open()
    assert.equal(await driver.find(ctx, 'db' as ArrayName), undefined)
    assert.deepEqual(await driver.list(ctx), [])
  })
})
