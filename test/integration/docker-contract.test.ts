/**
 * What docker/routes.ts and volumes/ count on of Docker, asked of a real dockerd with a plugin that writes down what it is
 * sent. When one of these fails with a newer engine, the contract has changed. Needs root; leaves nothing behind.
 */

import assert from 'node:assert/strict'
import { after, suite, type TestContext, test } from 'node:test'
import { Client } from 'undici'
import { IMAGE, type Said } from './support/docker.ts'
import { type Lab, openLab, whyNoLab } from './support/lab.ts'
import { type Call, type Recorder, startRecorder } from './support/recorder.ts'
import { until } from './support/until.ts'

/** Labs at once; more than two processors would carry, did they not wait most of the time. */
const AT_ONCE = 12

const RUN = ['run', '--rm', '--network=none', '--volume=v1:/mnt', IMAGE, 'echo', 'ran']

/** What makes Docker send each call, and what it says when it gives up. */
const REPEATED = [
  { verb: 'Get', ask: ['volume', 'inspect', 'v1'], says: /error while checking if volume "v1" exists .*: EOF$/m },
  { verb: 'Create', ask: ['volume', 'create', '--driver=rec', 'v2'], says: /create v2: Post .*: EOF$/m },
  { verb: 'Remove', ask: ['volume', 'rm', 'v1'], says: /remove v1: Post .*: EOF$/m },
  { verb: 'Mount', ask: RUN, says: /error while mounting volume '.*': Post .*: EOF\.?$/m },
  { verb: 'Unmount', ask: RUN, says: /^ran$/m },
  { verb: 'List', ask: ['volume', 'ls'], says: /^rec +v1$/m },
] as const

const skip = await whyNoLab()

if (skip) test('what a real dockerd sends', { skip })
else {
  suite('what a real dockerd sends', async () => {
    const lab = await openLab()
    const { docker, machine } = lab
    // Until the end: Docker goes on asking a plugin it has known, 15 s a call, when it is gone.
    const plugins: Recorder[] = []
    after(async () => {
      await lab.end()
      await Promise.all(plugins.map((plugin) => plugin.close()))
    })

    test('a container with one volume: Get, Get, Mount, and at its end Get, Unmount with the same ID', async () => {
      const plugin = await recorder('life')
      await docker.run('volume', 'create', '--driver=life', 'l1')
      assert.deepEqual(plugin.verbs(), ['Activate', 'Capabilities', 'Get', 'Create'])
      const [activate, capabilities, get, create] = plugin.calls.map(({ body }) => body.trim())
      assert.deepEqual([activate, capabilities, get], ['', '{}', '{"Name":"l1"}'])
      assert.equal(create, '{"Name":"l1","Opts":null}')

      await lab.inContainer('l1', 'true')
      assert.deepEqual(plugin.verbs(), ['Get', 'Get', 'Mount', 'Get', 'Unmount'])
      const [mount, unmount] = ['Mount', 'Unmount'].map((verb) => idOf(plugin, verb))
      assert.match(mount!, /^[0-9a-f]{64}$/)
      assert.equal(unmount, mount)

      await docker.run('volume', 'rm', 'l1')
      assert.deepEqual(plugin.verbs(), ['Get', 'Get', 'Remove'])
      assert.ok(!plugin.calls.some(({ verb }) => verb === 'Path'), 'Docker never asks for Path')
    })

    test('docker cp mounts and unmounts with the ID of the running container', async () => {
      const plugin = await recorder('copy')
      await docker.run('volume', 'create', '--driver=copy', 'c1')
      await lab.startContainer('copying', 'c1')
      const id = idOf(plugin, 'Mount')
      plugin.verbs()
      await docker.run('cp', 'copying:/bin/busybox', '-')
      assert.deepEqual(plugin.verbs(), ['Get', 'Mount', 'Get', 'Unmount'])
      await docker.run('cp', '/etc/hostname', 'copying:/tmp-file')
      assert.deepEqual(plugin.verbs(), ['Get', 'Mount', 'Get', 'Unmount', 'Get', 'Mount', 'Get', 'Unmount'])
      assert.deepEqual(new Set(idsOf(plugin)), new Set([id]))
    })

    test('docker restart unmounts, and mounts with a new ID', async () => {
      const plugin = await recorder('again')
      await docker.run('volume', 'create', '--driver=again', 'r1')
      await lab.startContainer('restarting', 'r1')
      plugin.verbs()
      await docker.run('restart', 'restarting')
      assert.deepEqual(plugin.verbs(), ['Get', 'Unmount', 'Get', 'Mount'])
      assert.equal(new Set(idsOf(plugin)).size, 2)
    })

    test('after a failed Mount there is no Unmount, and the next try has a new ID', async () => {
      const plugin = await recorder('fire')
      await docker.run('volume', 'create', '--driver=fire', 'f1')
      plugin.verbs()
      for (const status of [500, 400, 200]) {
        plugin.answer('Mount', { status, body: { Err: 'The array is on fire.' } })
        const { exitCode, stderr } = await docker.try('run', '--rm', '--network=none', '-v', 'f1:/mnt', IMAGE, 'true')
        assert.equal(exitCode, 125)
        assert.match(stderr, /error while mounting volume '.*': (VolumeDriver\.Mount: )?The array is on fire\./)
        assert.deepEqual(plugin.verbs(), ['Get', 'Get', 'Mount'])
      }
      assert.equal(new Set(idsOf(plugin)).size, 3)
    })

    test('after a failed Unmount the container has stopped all the same, and starts again with the same ID', async () => {
      const plugin = await recorder('stuck')
      await docker.run('volume', 'create', '--driver=stuck', 's1')
      plugin.answer('Unmount', { status: 500, body: { Err: 'It is busy.' } })
      await docker.run('run', '--name=stuck', '--network=none', '-v', 's1:/mnt', IMAGE, 'true')
      plugin.answer('Unmount', undefined)
      await docker.run('start', '--attach', 'stuck')
      await docker.run('start', '--attach', 'stuck')
      assert.equal(new Set(idsOf(plugin)).size, 1)
      // One Unmount a run, never one more to make up for the one that failed; nor does removal.
      assert.equal(plugin.calls.filter(({ verb }) => verb === 'Unmount').length, 3)
      plugin.verbs()
      await docker.run('rm', 'stuck')
      assert.deepEqual(plugin.verbs(), [])
    })

    test('an error to Get means "no such volume": Docker forgets it, and docker run makes a local one instead', async () => {
      const plugin = await recorder('liar')
      await docker.run('volume', 'create', '--driver=liar', 'g1')
      plugin.answer('Get', { status: 500, body: { Err: 'The array is away.' } })
      assert.match((await docker.try('volume', 'inspect', 'g1')).stderr, /get g1: no such volume$/)
      await docker.run('run', '--rm', '--network=none', '-v', 'g1:/mnt', IMAGE, 'true')
      assert.equal(await docker.run('volume', 'inspect', '--format={{.Driver}}', 'g1'), 'local')

      plugin.answer('Get', undefined)
      await docker.run('volume', 'rm', 'g1')
      assert.match(await docker.run('volume', 'ls'), /^liar +g1$/m)
      assert.equal(await docker.run('volume', 'inspect', '--format={{.Driver}}', 'g1'), 'liar')
    })

    test('an error to Get while a container has the volume is no reason to forget it', async () => {
      const plugin = await recorder('held')
      await docker.run('volume', 'create', '--driver=held', 'h1')
      await lab.startContainer('holding', 'h1')
      plugin.answer('Get', { status: 500, body: { Err: 'The array is away.' } })
      const { stderr } = await docker.try('run', '--rm', '--network=none', '-v', 'h1:/mnt', IMAGE, 'true')
      assert.match(
        stderr,
        /found references to volume 'h1' in driver 'held' but the volume was not found in the driver/,
      )
      plugin.answer('Get', undefined)
      await lab.inContainer('h1', 'true')
    })

    test('Create is asked for although Get failed', async () => {
      const plugin = await recorder('blind')
      plugin.answer('Get', { status: 500, body: { Err: 'The array is away.' } })
      await docker.run('volume', 'create', '--driver=blind', 'b1')
      assert.deepEqual(plugin.verbs().slice(2), ['Get', 'Create'])
      plugin.answer('Get', undefined)
      // And it is not, when Get finds the volume, whatever the options.
      await docker.run('volume', 'create', '--driver=blind', '--opt=size=9g', 'b1')
      assert.deepEqual(plugin.verbs(), ['Get'])
    })

    test('a failed Remove leaves the volume as it was, also with --force', async () => {
      const plugin = await recorder('keeper')
      await docker.run('volume', 'create', '--driver=keeper', 'k1')
      plugin.answer('Remove', { status: 500, body: { Err: 'It is kept.' } })
      for (const flags of [[], ['--force']]) {
        const { stderr } = await docker.try('volume', 'rm', ...flags, 'k1')
        assert.equal(stderr, 'Error response from daemon: remove k1: VolumeDriver.Remove: It is kept.')
      }
      assert.match(await docker.run('volume', 'ls'), /^keeper +k1$/m)
    })

    test('when List fails Docker shows the names it remembers, with a warning in its API only', async () => {
      const plugin = await recorder('forgetful')
      await docker.run('volume', 'create', '--driver=forgetful', 'm1')
      plugin.answer('List', { status: 500, body: { Err: 'The array is away.' } })
      const { stdout, stderr } = await docker.try('volume', 'ls')
      assert.match(stdout, /^forgetful +m1$/m)
      assert.equal(stderr, '')
      assert.ok((await warnings()).some((warning) => warning.includes('The array is away.')))

      plugin.answer('List', { body: { Volumes: null } })
      assert.doesNotMatch(await docker.run('volume', 'ls'), /m1/)
    })

    test('a driver that fails Capabilities is local, and is asked each time; a wrong scope is local, too', async () => {
      const plugin = await recorder('scopeless')
      const scope = (name: string) => docker.run('volume', 'inspect', '--format={{.Scope}}', name)
      plugin.answer('Capabilities', { status: 500, body: { Err: 'What?' } })
      await docker.run('volume', 'create', '--driver=scopeless', 'p1')
      plugin.verbs()
      assert.equal(await scope('p1'), 'local')
      assert.deepEqual(plugin.verbs(), ['Get', 'Capabilities'])

      const wrong = await recorder('galactic')
      wrong.answer('Capabilities', { body: { Capabilities: { Scope: 'galactic' } } })
      await docker.run('volume', 'create', '--driver=galactic', 'p2')
      assert.equal(await scope('p2'), 'local')
    })

    test('a failed Activate is asked for again; a good one is kept for the life of dockerd', async () => {
      const plugin = await recorder('waking')
      plugin.answer('Activate', { status: 500, body: { Err: 'Not yet.' } })
      const { stderr } = await docker.try('volume', 'create', '--driver=waking', 'w1')
      assert.match(stderr, /error looking up volume plugin waking: .*Plugin\.Activate: Not yet\.$/)
      plugin.answer('Activate', undefined)
      await docker.run('volume', 'create', '--driver=waking', 'w1')
      await docker.run('volume', 'create', '--driver=waking', 'w2')
      assert.equal(plugin.calls.filter(({ verb }) => verb === 'Activate').length, 2)
    })

    test('names are passed on as they are, whatever they are', async () => {
      const plugin = await recorder('names')
      for (const name of ['../x', 'a/b', '-x', 'x y', 'ü', 'x', '.', 'a\nb']) {
        await docker.run('volume', 'create', '--driver=names', '--', name)
        assert.equal(JSON.parse(last(plugin, 'Create').body).Name, name)
      }
    })

    test('two drivers that list one name: Docker shows the volume of the driver it knows it by', async () => {
      const [, theirs] = [await recorder('mine'), await recorder('theirs')]
      await docker.run('volume', 'create', '--driver=mine', 't1')
      await docker.run('volume', 'create', '--driver=theirs', 't2')
      theirs.answer('List', { body: { Volumes: [{ Name: 't1' }, { Name: 't2' }] } })
      const rows = (await docker.run('volume', 'ls')).match(/^\w+ +t\d$/gm)
      assert.deepEqual(rows?.map((row) => row.replace(/ +/, ' ')).sort(), ['mine t1', 'theirs t2'])
      const { stderr } = await docker.try('volume', 'create', '--driver=theirs', 't1')
      assert.match(stderr, /create t1: driver 'mine' already has volume 't1': volume name must be unique$/)
    })

    test('before Unmount Docker asks Get, and when that fails it sends no Unmount, then or later', async () => {
      const plugin = await recorder('fickle')
      await docker.run('volume', 'create', '--driver=fickle', 'u1')
      await lab.startContainer('unlucky', 'u1')
      plugin.verbs()
      plugin.answer('Get', { status: 500, body: { Err: 'The array is away.' } })
      await docker.run('stop', 'unlucky')
      plugin.answer('Get', undefined)
      await docker.run('start', 'unlucky')
      await docker.run('stop', 'unlucky')
      assert.deepEqual(plugin.verbs(), ['Get', 'Get', 'Mount', 'Get', 'Unmount'])
      assert.equal(new Set(idsOf(plugin)).size, 1)
    })

    async function recorder(name: string): Promise<Recorder> {
      const started = await startRecorder(machine, name)
      plugins.push(started)
      return started
    }

    /** What Docker's API adds to a list of volumes, and its command does not show. */
    async function warnings(): Promise<readonly string[]> {
      const client = new Client('http://docker', { socketPath: machine.at('/run/docker.sock') })
      try {
        const { body } = await client.request({ method: 'GET', path: '/v1.41/volumes' })
        return ((await body.json()) as { Warnings: string[] | null }).Warnings ?? []
      } finally {
        await client.close()
      }
    }
  })

  // Each of them waits for Docker's 15 s, so they do it together, in labs of their own.
  suite('what a real dockerd repeats', { concurrency: AT_ONCE }, () => {
    for (const { verb, ask, says } of REPEATED) {
      test(`a ${verb} whose connection is cut is repeated after 1, 2, 4 and 8 s with an empty body`, async (t) => {
        const { docker, plugin } = await open(t)
        plugin.answer(verb, 'cut')
        const seen = plugin.calls.length
        assert.match(said(await docker.try(...ask)), says)

        const calls = plugin.calls.slice(seen).filter((call) => call.verb === verb)
        assert.deepEqual(
          calls.map(({ body }) => body !== ''),
          [true, false, false, false, false],
        )
        const pauses = calls.slice(1).map(({ at }, i) => at - calls[i]!.at)
        for (const [i, pause] of pauses.entries()) assertSeconds(pause, 2 ** i)
        plugin.answer(verb, undefined)
        assert.match(await docker.run('volume', 'ls'), /^rec +v1$/m)
        await docker.run('volume', 'inspect', 'v1')
      })
    }

    test('a call that meets no listener is repeated with its body whole', async (t) => {
      const { docker, lab, plugin } = await open(t)
      await lab.startContainer('app', 'v1')
      await plugin.close()
      const stopping = docker.run('stop', 'app')
      await until('Docker has asked in vain', async () => (await docker.log()).includes('plugins/rec.sock: connect:'))
      const back = await startRecorder(lab.machine, 'rec', ['v1'])
      t.after(() => back.close())
      await stopping
      assert.deepEqual(back.verbs(), ['Get', 'Unmount'])
      assert.equal(idOf(back, 'Unmount'), idOf(plugin, 'Mount'))
    })

    for (const [what, driver] of [
      ['a driver that nobody serves', 'nobody'],
      ['a driver whose socket nobody listens on', 'stale'],
    ] as const) {
      test(`${what} is looked for during 15 s`, async (t) => {
        const { docker, lab } = await open(t)
        if (driver === 'stale') await leaveSocket(lab)
        const begun = performance.now()
        const { stderr } = await docker.try('volume', 'create', `--driver=${driver}`, 'x1')
        assert.match(stderr, /error looking up volume plugin \w+: /)
        assertSeconds(performance.now() - begun, 15)
      })
    }

    test('docker volume ls waits 15 s for a socket nobody listens on, and shows the others', async (t) => {
      const { docker, lab } = await open(t)
      await leaveSocket(lab)
      const begun = performance.now()
      assert.match(await docker.run('volume', 'ls'), /^rec +v1$/m)
      assertSeconds(performance.now() - begun, 15)
    })
  })
}

/** A lab of the test's own, with a plugin `rec` that has a volume `v1`. */
async function open(t: TestContext) {
  const lab = await openLab()
  const plugin = await startRecorder(lab.machine, 'rec')
  t.after(async () => {
    await lab.end()
    await plugin.close()
  })
  await lab.docker.run('volume', 'create', '--driver=rec', 'v1')
  return { lab, docker: lab.docker, plugin }
}

/** As a plugin does that is killed. */
async function leaveSocket({ machine }: Lab): Promise<void> {
  const plugin = await startRecorder(machine, 'gone')
  const path = '/run/docker/plugins'
  await machine.run('ln', [`${path}/gone.sock`, `${path}/stale.sock`])
  await plugin.close()
}

function said({ stdout, stderr }: Said): string {
  return `${stdout}\n${stderr}`
}

function last(plugin: Recorder, verb: string): Call {
  const call = plugin.calls.findLast((call) => call.verb === verb)
  assert.ok(call, `there was no ${verb}`)
  return call
}

function idOf(plugin: Recorder, verb: string): string {
  return JSON.parse(last(plugin, verb).body).ID
}

/** Of every Mount and Unmount. */
function idsOf({ calls }: Recorder): readonly string[] {
  return calls.filter(({ verb }) => verb.endsWith('ount')).map(({ body }) => JSON.parse(body).ID)
}

/** On a machine that is busy with other tests. */
function assertSeconds(ms: number, seconds: number): void {
  assert.ok(ms > seconds * 1000 - 100 && ms < seconds * 1000 + 2000, `${ms} ms, and not ${seconds} s`)
}
