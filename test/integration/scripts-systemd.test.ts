/** The units, installed by scripts/install, under a real systemd. */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, suite, test } from 'node:test'
import { bootSystemd, whyNot } from './systemd/machine.ts'

const SOCKET = '/run/docker/plugins/local-file.sock'
const UNIT = 'netappdvp@local-file'
const skip = whyNot()

if (skip) test('the units under systemd', { skip })
else
  suite('under systemd', async () => {
    const { sh, end } = await bootSystemd()
    after(end)
    const show = (property: string) => sh(`systemctl show --value --property=${property} ${UNIT}`)
    const ask = (verb: string, body: object = {}) => {
      const path = verb.includes('.') ? verb : `VolumeDriver.${verb}`
      return JSON.parse(sh(`curl -sS -m 20 --unix-socket ${SOCKET} -d '${JSON.stringify(body)}' http://plugin/${path}`))
    }
    /** Tries for ten seconds. */
    const until = (condition: string) =>
      sh(`for i in $(seq 100); do if ${condition}; then exit; fi; sleep 0.1; done; exit 1`)

    test('the plugin is installed and started, and tells that it is ready', () => {
      sh('scripts/install')
      sh(`echo '{"version":1,"storageDriverName":"local-file"}' >/etc/netappdvp/local-file.json`)
      sh(`systemctl start ${UNIT}`)
      until(`[ "$(systemctl show --value --property=StatusText ${UNIT})" = Ready. ]`)
      assert.equal(show('ActiveState'), 'active')
    })

    for (const [filesystem, size] of [
      ['ext4', '64m'],
      ['xfs', '320m'],
    ]) {
      test(`confined, it mounts ${filesystem} where everybody sees it, clones it and lets it go`, () => {
        const name = `v-${filesystem}`
        assert.deepEqual(ask('Create', { Name: name, Opts: { fileSystemType: filesystem, size } }), { Err: '' })
        const { Mountpoint: at, Err } = ask('Mount', { Name: name, ID: 'one' })
        assert.equal(Err, '')
        assert.equal(sh(`findmnt -no FSTYPE,PROPAGATION ${at} | xargs`), `${filesystem} shared`)
        sh(`echo kept >${at}/note`)

        assert.deepEqual(ask('Create', { Name: `${name}-copy`, Opts: { from: name } }), { Err: '' })
        const copy = ask('Mount', { Name: `${name}-copy`, ID: 'two' })
        assert.equal(sh(`cat ${copy.Mountpoint}/note`), 'kept')
        for (const [volume, id] of [
          [name, 'one'],
          [`${name}-copy`, 'two'],
        ]) {
          assert.deepEqual(ask('Unmount', { Name: volume, ID: id }), { Err: '' })
          assert.deepEqual(ask('Remove', { Name: volume }), { Err: '' })
        }
      })
    }

    test('an upgrade says which instances to restart, and restarts none', () => {
      const pid = show('MainPID')
      assert.match(sh('scripts/install'), /^ {2}systemctl restart netappdvp@local-file\.service$/m)
      assert.equal(show('MainPID'), pid)
    })

    test('a reload opens the log anew', () => {
      sh('mv /var/log/netappdvp/local-file.log /var/log/netappdvp/moved')
      sh(`systemctl reload ${UNIT}`)
      until('[ -e /var/log/netappdvp/local-file.log ]')
    })

    test('mounts outlive a restart and a kill, after which it is started again', () => {
      ask('Create', { Name: 'v1', Opts: { size: '64m' } })
      const { Mountpoint: at } = ask('Mount', { Name: 'v1', ID: 'one' })
      const device = sh(`findmnt -no SOURCE ${at}`)
      sh(`systemctl restart ${UNIT}`)
      sh(`kill -KILL ${show('MainPID')}`)
      until(`[ "$(systemctl show --value --property=NRestarts ${UNIT})" = 1 ] && systemctl -q is-active ${UNIT}`)
      assert.equal(sh(`findmnt -no SOURCE ${at}`), device)
      assert.equal(ask('Get', { Name: 'v1' }).Volume.Mountpoint, at)
      ask('Unmount', { Name: 'v1', ID: 'one' })
      assert.deepEqual(ask('Remove', { Name: 'v1' }), { Err: '' })
    })

    test('one that hangs is found by the watchdog and replaced', () => {
      sh(`mkdir -p /run/systemd/system/${UNIT}.service.d`)
      sh(`printf '[Service]\\nWatchdogSec=2s\\n' >/run/systemd/system/${UNIT}.service.d/watchdog.conf`)
      sh(`systemctl daemon-reload; systemctl restart ${UNIT}`)
      sh('sleep 3')
      assert.equal(show('NRestarts'), '0') // it is heard of in time
      sh(`kill -STOP ${show('MainPID')}`)
      until(`[ "$(systemctl show --value --property=NRestarts ${UNIT})" = 1 ] && systemctl -q is-active ${UNIT}`)
      sh(`rm -r /run/systemd/system/${UNIT}.service.d; systemctl daemon-reload`)
    })

    test('a credential is handed over, and mounts are shared all the same', () => {
      sh(`mkdir -p /run/systemd/system/${UNIT}.service.d; echo secret >/run/secret`)
      sh(
        `printf '[Service]\\nLoadCredential=local-file.password:/run/secret\\n' >/run/systemd/system/${UNIT}.service.d/c.conf`,
      )
      sh(`systemctl daemon-reload; systemctl restart ${UNIT}`)
      const pid = show('MainPID')
      assert.match(sh(`tr '\\0' '\\n' </proc/${pid}/environ`), /^CREDENTIALS_DIRECTORY=\/run\/credentials\//m)
      assert.equal(sh(`readlink /proc/${pid}/ns/mnt`), sh('readlink /proc/1/ns/mnt'))
      sh(`rm -r /run/systemd/system/${UNIT}.service.d; systemctl daemon-reload`)
    })

    test('stopped, it leaves no socket; with the socket unit, the first call starts it', () => {
      sh(`systemctl stop ${UNIT}`)
      assert.equal(sh('ls /run/docker/plugins'), '')
      sh(`systemctl start ${UNIT}.socket`)
      assert.equal(sh(`stat -c '%a %U %G' ${SOCKET}`), '660 root root')
      assert.equal(show('ActiveState'), 'inactive')
      assert.deepEqual(ask('Plugin.Activate').Implements, ['VolumeDriver'])
      assert.equal(show('ActiveState'), 'active')
      assert.deepEqual(ask('List'), { Volumes: [], Err: '' })

      sh(`systemctl stop ${UNIT}.socket ${UNIT}.service`)
      assert.equal(sh('ls /run/docker/plugins'), '')
    })

    test('with a bad config a start fails at once, and a mended one is taken up', () => {
      sh('mv /etc/netappdvp/local-file.json /etc/netappdvp/away')
      assert.equal(sh(`systemctl start ${UNIT} 2>/dev/null || echo failed`), 'failed')
      sh('mv /etc/netappdvp/away /etc/netappdvp/local-file.json')
      until(`systemctl -q is-active ${UNIT}`)
    })

    const docker = existsSync('/lib/systemd/system/docker.service') ? false : 'docker.service is not installed'
    test('Docker brings it along and starts after it, and containers have their volumes back', { skip: docker }, () => {
      const command =
        'dockerd -H fd:// --containerd=/run/containerd/containerd.sock --iptables=false --ip-masq=false --bridge=none'
      sh('mkdir -p /run/systemd/system/docker.service.d')
      sh(
        `printf '[Service]\\nExecStart=\\nExecStart=/usr/sbin/${command}\\n' >/run/systemd/system/docker.service.d/o.conf`,
      )
      sh(`systemctl stop ${UNIT}; systemctl enable ${UNIT}; systemctl start docker`)
      const ready = Number(show('ActiveEnterTimestampMonotonic'))
      const begun = Number(sh('systemctl show --value --property=ExecMainStartTimestampMonotonic docker'))
      assert.ok(ready > 0 && ready < begun, `ready at ${ready}, Docker begun at ${begun}`)

      sh('mkdir -p /run/r/bin; cp "$(readlink -f "$(command -v busybox)")" /run/r/bin/busybox')
      sh('for i in sh cat sleep; do ln -s busybox /run/r/bin/$i; done; tar -C /run/r -c . | docker import - busybox')
      sh('docker volume create -d local-file --name v1 -o size=64m')
      sh(
        `docker run -d --name c1 --restart always --stop-timeout 1 --network none -v v1:/d busybox sh -c 'echo up >>/d/log; sleep 1000'`,
      )
      until(`docker exec c1 cat /d/log`)
      sh(`systemctl restart ${UNIT}`)
      assert.equal(sh('docker exec c1 cat /d/log'), 'up')

      sh(`systemctl stop docker docker.socket 2>/dev/null; systemctl stop ${UNIT}; systemctl start docker`)
      until('[ "$(docker exec c1 cat /d/log | wc -l)" = 2 ]')
      sh('docker rm -f c1; docker volume rm v1; systemctl stop docker docker.socket containerd')
    })

    test('uninstalled, nothing of it is left but what is the user’s', () => {
      const said = sh('scripts/uninstall')
      assert.match(
        said,
        /removed {4}\/etc\/systemd\/system\/docker\.service\.wants\/netappdvp@local-file\.service|stopped/,
      )
      assert.equal(sh(`systemctl list-units --all --no-legend 'netappdvp*'`), '')
      assert.equal(sh('ls /etc/netappdvp'), 'local-file.json')
      assert.equal(sh('ls /usr/local/bin/netappdvp 2>/dev/null || echo gone'), 'gone')
    })
  })
