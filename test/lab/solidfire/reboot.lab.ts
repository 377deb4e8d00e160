/** A host goes down with a mounted volume, in good order or not, and comes back with its container and its data. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LabSolidfire, leftOnHost, startSolidfire } from '../support/solidfire.ts'
import { labSuite } from '../support/suite.ts'

labSuite('solidfire-san through reboots', (machine) => {
  let lab: LabSolidfire

  test('power off and on with a mounted volume: the container comes back, and what was synced is there', async () => {
    lab = await startSolidfire(machine)
    await lab.create('kept', 'size=2')
    await lab.startContainer(
      'once',
      'kept',
      `head -c 8000000 /dev/urandom >/mnt/data; sha256sum /mnt/data >/mnt/data.sha256; : >/mnt/lines; sync; echo done`,
    )
    await lab.docker('wait', 'once')
    await lab.startContainer('always', 'kept', `while :; do date >>/mnt/lines; sync; sleep 1; done`, '--restart=always')
    await machine.until('it writes', 'docker exec always test -s /mnt/lines')
    await machine.reset()
    await machine.until(
      'the container runs again',
      `[ "$(docker inspect --format='{{.State.Running}}' always)" = true ]`,
      120_000,
    )
    assert.ok((await machine.sh('docker exec always sha256sum -c /mnt/data.sha256')).includes('OK'))
  })

  test('a reboot in good order leaves no session behind, and the container comes back', async () => {
    await machine.reboot()
    await machine.booted()
    await machine.until(
      'the container runs again',
      `[ "$(docker inspect --format='{{.State.Running}}' always)" = true ]`,
      120_000,
    )
    assert.ok((await machine.sh('docker exec always sha256sum -c /mnt/data.sha256')).includes('OK'))
  })

  test('with the last container nothing is left on the host', async () => {
    await lab.docker('rm', '--force', 'always', 'once')
    await lab.docker('volume', 'rm', 'kept')
    assert.equal(await leftOnHost(machine), '')
  })
})
