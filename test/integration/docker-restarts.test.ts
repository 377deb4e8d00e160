/**
 * Plugin and dockerd killed and restarted, in every order, under containers: a container keeps its volume, and a volume
 * nobody uses is unmounted and its loop device gone. Needs root; leaves nothing behind.
 */

import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { suite, type TestContext, test } from 'node:test'
import { findProgram } from '../../src/host/command.ts'
import { IMAGE } from './support/docker.ts'
import { explainFailure, type Lab, openLab, whyNoLab } from './support/lab.ts'
import type { Plugin } from './support/plugin.ts'
import { until } from './support/until.ts'

/** Docker repeats a call to a plugin for 15 s; these wait while others work. */
const AT_ONCE = 6
const VOLUME = 'data'

const skip = await whyNoLab()

if (skip) test('restarts of the plugin and of a real dockerd', { skip })
else
  suite('restarts of the plugin and of a real dockerd', { concurrency: AT_ONCE }, () => {
    test('a container works on while its plugin is killed and comes back, and gives its volume back in the end', async (t) => {
      const { lab, files } = await open(t)
      const { docker } = lab
      await lab.startContainer('app', VOLUME)
      await files.stop('SIGKILL')
      await docker.run('exec', 'app', 'sh', '-c', 'echo kept > /mnt/data')
      await files.start()
      assert.equal(await docker.run('exec', 'app', 'cat', '/mnt/data'), 'kept')
      assert.deepEqual(await lab.holds(VOLUME), [1])
      await docker.run('stop', 'app')
      await lab.released(files, VOLUME)
      assert.equal(await lab.inContainer(VOLUME, 'cat /mnt/data'), 'kept')
      await clean(lab)
    })

    test('a plugin that is told to stop leaves what containers use, and the next one takes it over', async (t) => {
      const { lab, files } = await open(t)
      await lab.startContainer('app', VOLUME)
      await files.stop('SIGTERM')
      assert.equal(await lab.isMounted(files, VOLUME), true)
      await files.start()
      await lab.startContainer('second', VOLUME)
      await lab.docker.run('stop', 'app')
      await lab.docker.run('exec', 'second', 'touch', '/mnt/data')
      await lab.docker.run('stop', 'second')
      await lab.released(files, VOLUME)
      await clean(lab)
    })

    test('a container that stops while the plugin restarts gives its volume back: Docker asks again', async (t) => {
      const { lab, files } = await open(t)
      await lab.startContainer('app', VOLUME)
      await files.stop('SIGKILL')
      const stopping = lab.docker.run('stop', 'app')
      await until('Docker has asked in vain', async () => /Unable to connect to plugin/.test(await lab.docker.log()))
      await files.start()
      await stopping
      await lab.released(files, VOLUME)
      await clean(lab)
    })

    test('a container that stopped while the plugin was away gives its volume back when it has run again', async (t) => {
      const { lab, files } = await stoppedWhileAway(t)
      await lab.docker.run('start', 'app')
      assert.deepEqual(await lab.holds(VOLUME), [1])
      await lab.docker.run('exec', 'app', 'touch', '/mnt/data')
      await lab.docker.run('stop', 'app')
      await lab.released(files, VOLUME)
      await clean(lab)
    })

    test('a volume whose container stopped and was removed while the plugin was away can be removed', async (t) => {
      const { lab } = await stoppedWhileAway(t)
      await lab.docker.run('rm', 'app')
      await clean(lab)
    })

    test('without the plugin, docker volume ls shows what Docker remembers, and the rest says that it cannot be reached', async (t) => {
      const { lab, files } = await open(t)
      const { docker } = lab
      await files.stop('SIGKILL')
      const run = ['run', '--rm', '--network=none', '-v', `${VOLUME}:/mnt`, IMAGE, 'true']
      const [list, inspect, create, running] = await Promise.all([
        docker.try('volume', 'ls'),
        docker.try('volume', 'inspect', VOLUME),
        docker.try('volume', 'create', '--driver=files', 'another'),
        docker.try(...run),
      ])
      assert.match(list.stdout, /^files +data$/m)
      const refused = /dial unix \/run\/docker\/plugins\/files\.sock: connect: connection refused/
      assert.match(inspect.stderr, /^Error .*: error while checking if volume "data" exists in driver "files": Post /)
      for (const { stderr } of [inspect, create, running]) assert.match(stderr, refused)
      assert.match(running.stderr, /found reference to volume 'data' in driver 'files', but got an error/)

      await files.start()
      await docker.run(...run)
      await clean(lab)
    })

    for (const [program, moment] of [
      ['losetup', 'before'],
      ['losetup', 'after'],
      ['mkfs.ext4', 'before'],
      ['mkfs.ext4', 'after'],
      ['mount', 'before'],
      ['mount', 'after'],
    ] as const) {
      test(`a plugin killed during Mount, ${moment} ${program} ran, leaves nothing that keeps the next container from its volume`, async (t) => {
        const { lab, files } = await open(t)
        const { docker } = lab
        await files.stop('SIGTERM')
        const held = await holdProgram(lab, program, moment)
        await files.start(held.env)

        const first = docker.try('run', '--name=first', '--network=none', '-v', `${VOLUME}:/mnt`, IMAGE, 'true')
        await held.reached()
        await files.stop('SIGKILL')
        await held.release()
        await files.start()
        const { exitCode, stderr } = await first
        if (exitCode !== 0) assert.match(stderr, /Mount came with an empty body|EOF|connection re/)

        await lab.inContainer(VOLUME, 'echo kept > /mnt/data')
        assert.equal(await lab.inContainer(VOLUME, 'cat /mnt/data'), 'kept')
        await docker.run('start', '--attach', 'first')
        await docker.run('rm', 'first')
        await lab.released(files, VOLUME)
        await clean(lab)
      })
    }

    for (const moment of ['before', 'after'] as const) {
      test(`a plugin killed during Unmount, ${moment} umount ran, has the volume unmounted when it is back`, async (t) => {
        const { lab, files } = await open(t)
        await files.stop('SIGTERM')
        const held = await holdProgram(lab, 'umount', moment)
        await files.start(held.env)
        await lab.startContainer('app', VOLUME)
        const stopping = lab.docker.try('stop', 'app')
        await held.reached()
        await files.stop('SIGKILL')
        await held.release()
        await files.start()
        await lab.released(files, VOLUME)
        await stopping
        await lab.docker.run('start', 'app')
        assert.deepEqual(await lab.holds(VOLUME), [1])
        await lab.docker.run('exec', 'app', 'touch', '/mnt/data')
        await lab.docker.run('stop', 'app')
        await lab.released(files, VOLUME)
        await clean(lab)
      })
    }

    test('a dockerd killed during Mount leaves nothing that keeps the volume from use and removal', async (t) => {
      const { lab, files } = await open(t)
      const { docker } = lab
      await files.stop('SIGTERM')
      const held = await holdProgram(lab, 'mount', 'before')
      await files.start(held.env)
      const first = docker.try('run', '--network=none', '-v', `${VOLUME}:/mnt`, IMAGE, 'true')
      await held.reached()
      await docker.stop('SIGKILL')
      await first
      await held.release('carry on')
      await docker.start()
      await lab.inContainer(VOLUME, 'touch /mnt/data')
      await clean(lab)
    })

    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      test(`after ${signal} to a dockerd with --live-restore its containers have worked on, and give their volume back later`, async (t) => {
        const { lab, files } = await open(t, '--live-restore')
        const { docker } = lab
        await lab.startContainer('app', VOLUME, { script: 'while :; do echo x >> /mnt/log; sleep 0.1; done' })
        await docker.stop(signal)
        assert.equal(await lab.isMounted(files, VOLUME), true)
        await docker.start('--live-restore')

        const count = () => docker.run('exec', 'app', 'cat', '/mnt/log')
        const before = await count()
        await until('it writes', async () => (await count()).length > before.length)
        assert.deepEqual(await lab.holds(VOLUME), [1])
        await lab.startContainer('second', VOLUME)
        await docker.run('stop', 'app')
        await docker.run('exec', 'second', 'touch', '/mnt/data')
        await docker.run('stop', 'second')
        await lab.released(files, VOLUME)
        await clean(lab)
      })
    }

    test('a dockerd that is told to stop ends its containers and gives their volumes back; --restart always takes them again', async (t) => {
      const { lab, files } = await open(t)
      const { docker } = lab
      await lab.startContainer('always', VOLUME, { flags: ['--restart=always'] })
      await docker.run('exec', 'always', 'sh', '-c', 'echo kept > /mnt/data')
      await docker.stop('SIGTERM')
      await lab.released(files, VOLUME)

      await docker.start()
      await up(lab, 'always')
      assert.equal(await docker.run('exec', 'always', 'cat', '/mnt/data'), 'kept')
      assert.deepEqual(await lab.holds(VOLUME), [1])
      await docker.run('stop', 'always')
      await lab.released(files, VOLUME)
      await clean(lab)
    })

    test('after SIGKILL to a dockerd, a container with --restart always has its volume, and gives it back in the end', async (t) => {
      const { lab, files } = await open(t)
      const { docker } = lab
      await lab.startContainer('always', VOLUME, { flags: ['--restart=always'] })
      await docker.run('exec', 'always', 'sh', '-c', 'echo kept > /mnt/data')
      await docker.stop('SIGKILL')
      await docker.start()
      await up(lab, 'always')
      assert.equal(await docker.run('exec', 'always', 'cat', '/mnt/data'), 'kept')
      assert.deepEqual(await lab.holds(VOLUME), [1])
      await docker.run('stop', 'always')
      await lab.released(files, VOLUME)
      await clean(lab)
    })

    test('after SIGKILL to a dockerd, a container that it ends can be started, stopped and removed, and its volume too', async (t) => {
      const { lab, files } = await open(t)
      const { docker } = lab
      await lab.startContainer('app', VOLUME)
      await docker.stop('SIGKILL')
      await docker.start()
      await docker.run('start', 'app')
      assert.deepEqual(await lab.holds(VOLUME), [1])
      await docker.run('stop', 'app')
      await lab.released(files, VOLUME)
      await clean(lab)
    })

    test('after SIGKILL to a dockerd, a volume of a container that never ran again can be removed', async (t) => {
      const { lab } = await open(t)
      await lab.startContainer('app', VOLUME)
      await lab.docker.stop('SIGKILL')
      await lab.docker.start()
      await lab.docker.run('rm', 'app')
      await clean(lab)
    })

    test('a container with --restart always waits for a plugin that starts after dockerd', async (t) => {
      const { lab, files } = await open(t)
      const { docker } = lab
      await lab.startContainer('always', VOLUME, { flags: ['--restart=always'] })
      await docker.run('exec', 'always', 'sh', '-c', 'echo kept > /mnt/data')
      await docker.stop('SIGTERM')
      await files.stop('SIGTERM')

      const seen = (await docker.log()).length
      const starting = docker.start()
      const asked = /Unable to (locate|connect to) plugin/
      await until('Docker has asked in vain', async () => asked.test((await docker.log()).slice(seen)))
      await files.start()
      await starting
      await up(lab, 'always')
      assert.equal(await docker.run('exec', 'always', 'cat', '/mnt/data'), 'kept')
      await docker.run('stop', 'always')
      await lab.released(files, VOLUME)
      await clean(lab)
    })

    test('plugin and dockerd both killed, as by a crash of all but the kernel: the volume can be used again', async (t) => {
      const { lab, files } = await open(t)
      const { docker } = lab
      await lab.startContainer('app', VOLUME)
      await docker.run('exec', 'app', 'sh', '-c', 'echo kept > /mnt/data; sync')
      await Promise.all([files.stop('SIGKILL'), docker.stop('SIGKILL')])
      await files.start()
      await docker.start()
      await docker.run('start', 'app')
      assert.equal(await docker.run('exec', 'app', 'cat', '/mnt/data'), 'kept')
      assert.deepEqual(await lab.holds(VOLUME), [1])
      await docker.run('stop', 'app')
      await lab.released(files, VOLUME)
      await clean(lab)
    })
  })

/** A lab of the test's own with a plugin named files and a volume of 64 MiB. */
async function open(t: TestContext, ...flags: readonly string[]): Promise<{ lab: Lab; files: Plugin }> {
  const lab = await openLab(...flags)
  const plugin: Plugin[] = []
  explainFailure(t, lab, plugin)
  t.after(() => lab.end())
  const files = await lab.plugin('files')
  plugin.push(files)
  await lab.docker.run('volume', 'create', '--driver=files', '--opt=size=64m', VOLUME)
  return { lab, files }
}

/** The container `app` has stopped while the plugin was away for longer than Docker repeats its calls. */
async function stoppedWhileAway(t: TestContext): Promise<{ lab: Lab; files: Plugin }> {
  const { lab, files } = await open(t)
  await lab.startContainer('app', VOLUME)
  await files.stop('SIGKILL')
  await lab.docker.run('stop', 'app')
  await files.start()
  return { lab, files }
}

/** Removes containers and volume as a user would, without force; nothing is mounted and no loop device is left. */
async function clean({ docker, machine }: Lab): Promise<void> {
  const containers = (await docker.run('ps', '--all', '--quiet')).split('\n').filter((id) => id !== '')
  if (containers.length > 0) await docker.run('rm', ...containers)
  await docker.run('volume', 'rm', VOLUME)
  const below = (path: string) => path.startsWith('/var/lib/docker-volumes/')
  assert.ok(!(await machine.mounts()).some(({ mountpoint }) => below(mountpoint)))
  assert.deepEqual(await machine.loopFiles(), [])
}

async function up({ docker }: Lab, container: string): Promise<void> {
  await until(`${container} is up`, async () => {
    return (await docker.run('inspect', '--format={{.State.Running}}', container)) === 'true'
  })
}

interface Held {
  /** For the plugin to be started with. */
  readonly env: NodeJS.ProcessEnv
  /** Resolves when the program has been called. */
  reached(): Promise<unknown>
  /** Lets it end, or carry on. */
  release(how?: 'end' | 'carry on'): Promise<void>
}

/** Puts a program first on PATH that stops before or after it has done its work, once. */
async function holdProgram({ machine }: Lab, program: string, moment: 'before' | 'after'): Promise<Held> {
  const real = await findProgram(program)
  const directory = '/run/held'
  const wait = `mkdir ${directory}/reached 2>/dev/null && while [ ! -e ${directory}/end ]; do sleep 0.02; done
[ -e ${directory}/carry ] || [ ! -e ${directory}/end ] || exit 1`
  await mkdir(machine.at(directory))
  const text =
    moment === 'before'
      ? `#!/bin/sh\n${wait}\nexec ${real} "$@"\n`
      : `#!/bin/sh\n${real} "$@"\nstatus=$?\n${wait}\nexit $status\n`
  await writeFile(machine.at(`${directory}/${program}`), text)
  await chmod(machine.at(`${directory}/${program}`), 0o755)
  return {
    env: { PATH: `${directory}:${process.env['PATH']}` },
    reached: () =>
      until(`${program} is called`, () =>
        machine.run('test', ['-d', `${directory}/reached`], { accept: [1] }).then(({ exitCode }) => exitCode === 0),
      ),
    async release(how = 'end') {
      if (how === 'carry on') await writeFile(machine.at(`${directory}/carry`), '')
      await writeFile(machine.at(`${directory}/end`), '')
    },
  }
}
