/** local-file on a machine of its own, from the first volume to the reboot. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installPlugin, runInstaller } from './support/plugin.ts'
import { labSuite } from './support/suite.ts'

labSuite('local-file on a machine with systemd and dockerd', (machine) => {
  const docker = (...args: readonly string[]) => machine.run('docker', ...args)
  const inContainer = (script: string) =>
    docker('run', '--rm', '--network=none', '--volume=db:/mnt', 'busybox:local', 'sh', '-c', script)

  test('it is installed as a service, and Docker makes a volume with it', async () => {
    await runInstaller(machine)
    await installPlugin(machine, { config: { storageDriverName: 'local-file' } })
    assert.equal(await docker('volume', 'create', '-d', 'local-file', '--name=db', '-o', 'size=64m'), 'db')
    assert.equal(await docker('volume', 'ls', '--format={{.Driver}} {{.Name}}'), 'local-file db')
  })

  test('what a container writes is read by the next', async () => {
    await inContainer('echo written >/mnt/note; sync')
    assert.equal(await inContainer('cat /mnt/note'), 'written')
    assert.equal(await machine.sh('losetup --list --noheadings'), '')
  })

  test('a container that is always to run has it mounted', async () => {
    const always = ['--detach', '--restart=always', '--network=none', '--name=always', '--volume=db:/mnt']
    await docker('run', ...always, 'busybox:local', 'sh', '-c', 'date >>/mnt/starts; exec sleep 100000')
    assert.match(await docker('exec', 'always', 'grep', '/mnt', '/proc/mounts'), /^\/dev\/loop\d+ \/mnt ext4 rw/)
  })

  test('a reboot starts the plugin before Docker, and the container with its data', async () => {
    await machine.reboot()
    await machine.booted()
    assert.equal(await docker('inspect', '--format={{.State.Running}} {{.RestartCount}}', 'always'), 'true 0')
    const script = 'cat /mnt/note; wc -l </mnt/starts; grep -c "/mnt ext4 rw" /proc/mounts'
    assert.equal(await docker('exec', 'always', 'sh', '-c', script), 'written\n2\n1')
  })

  test('its last volume goes, and nothing of it stays', async () => {
    await docker('rm', '--force', 'always')
    await docker('volume', 'rm', 'db')
    assert.equal(await machine.sh('losetup --list --noheadings; ls /var/lib/docker-volumes/local-file'), '')
  })
})
