/** Data and containers outlive the plugin, dockerd, iscsid and their session, however they end. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LabSolidfire, leftOnHost, startSolidfire } from '../support/solidfire.ts'
import { labSuite } from '../support/suite.ts'

labSuite('solidfire-san when something dies', (machine) => {
  let lab: LabSolidfire

  /** Numbered lines, each flushed before the next: a line that is missing in between was lost. */
  const WRITER = 'i=0; while :; do i=$((i+1)); echo $i >>/mnt/lines; sync; usleep 200000; done'

  /** @returns how many lines there are; none is missing, and what was written at the start is as it was */
  async function intact(container: string): Promise<number> {
    const said = await lab.docker(
      ...['exec', container, 'sh', '-c'],
      `sha256sum -c -s /mnt/data.sha256 && awk '$1 != NR { exit 1 } END { print NR }' /mnt/lines`,
    )
    return Number(said)
  }

  async function goesOn(container: string): Promise<void> {
    const before = await intact(container)
    await machine.until(
      `${container} writes on after line ${before}`,
      `[ "$(docker exec ${container} sh -c 'wc -l </mnt/lines')" -gt ${before} ]`,
    )
  }

  test('two containers share a volume; docker cp works; one stops, and the other goes on', async () => {
    lab = await startSolidfire(machine)
    await lab.create('db', 'size=2')
    await lab.startContainer(
      'writer',
      'db',
      `head -c 8000000 /dev/urandom >/mnt/data; sha256sum /mnt/data >/mnt/data.sha256; ${WRITER}`,
    )
    await machine.until('the writer writes', 'docker exec writer test -s /mnt/lines')
    await lab.startContainer('other', 'db', 'exec sleep 100000')
    await machine.sh(
      'docker cp writer:/mnt/data.sha256 /tmp/copied; test -s /tmp/copied; docker cp /tmp/copied other:/mnt/back',
    )
    await goesOn('writer')
    await lab.docker('rm', '--force', 'other')
    await goesOn('writer')
    assert.equal((await lab.inspect('db')).Status['mountedBy'], machine.name)
  })

  test('a SIGKILL of the plugin goes unnoticed by a container that writes, and its end still unmounts', async () => {
    const before = await lab.plugin.pid()
    await machine.sh(`kill -KILL ${before}`)
    await machine.until(
      'systemd has started it again',
      `p=$(systemctl show --value -p MainPID ${lab.plugin.unit}); [ "$p" != 0 ] && [ "$p" != ${before} ]`,
    )
    await lab.plugin.ready()
    await goesOn('writer')
    await lab.startContainer('other', 'db', 'exec sleep 100000')
    await lab.docker('rm', '--force', 'other')
    await goesOn('writer')
  })

  test('a SIGKILL of iscsid under load is survived', async () => {
    await machine.sh('systemctl kill --signal=KILL iscsid.service')
    await machine.until('iscsid runs again', 'systemctl start iscsid.service; systemctl is-active iscsid.service')
    await goesOn('writer')
  })

  test('a session that is dropped while a container writes comes back by itself, and no line is lost', async () => {
    const { volumeID } = await lab.volume('db')
    await machine.run(
      'curl',
      '-sfk',
      '-u',
      'admin:admin',
      '-d',
      JSON.stringify({ volumeID }),
      'https://127.0.0.1:8443/simulator/drop-sessions',
    )
    await goesOn('writer')
  })

  test('a SIGKILL of dockerd: the container starts again, and the volume is whole', async () => {
    await lab.docker('update', '--restart=always', 'writer')
    await machine.sh('systemctl kill --kill-whom=main --signal=KILL docker.service')
    await machine.until(
      'docker answers again',
      'systemctl reset-failed docker || true; systemctl start docker; docker version',
      90_000,
    )
    await machine.until(
      'the writer runs again',
      `[ "$(docker inspect --format='{{.State.Running}}' writer)" = true ]`,
      90_000,
    )
    assert.ok((await machine.sh('docker exec writer sha256sum -c /mnt/data.sha256')).includes('OK'))
  })

  test('with the last container nothing is left on the host', async () => {
    await lab.docker('rm', '--force', 'writer')
    await lab.docker('volume', 'rm', 'db')
    assert.equal(await leftOnHost(machine), '')
  })
})
