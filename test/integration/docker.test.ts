/** Docker's users: the executable behind a real dockerd, on the driver local-file. Needs root; leaves nothing behind. */

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, suite, type TestContext, test } from 'node:test'
import { FILESYSTEMS, type Filesystem } from '../../src/publication.ts'
import { MIB } from '../../src/units.ts'
import { dockerClient } from '../docker/client.ts'
import { temporaryDirectory } from '../host/fakes.ts'
import { IMAGE } from './support/docker.ts'
import { assertSize, explainFailure, openLab, whyNoLab } from './support/lab.ts'
import { until } from './support/until.ts'

const skip = await whyNoLab()

if (skip) test('the plugin with a real dockerd', { skip })
else
  suite('the plugin with a real dockerd', async () => {
    const lab = await openLab()
    const { docker, machine } = lab
    const files = await lab.plugin('files')

    after(async () => {
      assert.equal(await docker.run('ps', '--all', '--quiet'), '')
      assert.equal(await docker.run('volume', 'ls', '--quiet'), '')
      assert.deepEqual(await machine.loopFiles(), [])
      await lab.end()
    })

    for (const [filesystem, megabytes] of [
      ['ext4', 64],
      ['ext3', 48],
      ['xfs', 320],
    ] satisfies [Filesystem, number][]) {
      test(`an ${filesystem} volume of ${megabytes} MiB is one to a container, and to docker volume inspect`, async (t) => {
        const volume = await create(t, `size-${filesystem}`, `size=${megabytes}m`, `fileSystemType=${filesystem}`)

        const df = await lab.inContainer(volume, 'df -k /mnt; cat /proc/mounts')
        const [, kilobytes] = /^\/dev\/loop\d+ +(\d+) .* \/mnt$/m.exec(df)!
        assertSize(Number(kilobytes) * 1024, megabytes * MIB)
        assert.match(df, new RegExp(`^/dev/loop\\d+ /mnt ${filesystem} rw,`, 'm'))

        const { Driver, Scope, Options, Status } = await inspect(volume)
        assert.deepEqual([Driver, Scope], ['files', 'global'])
        assert.deepEqual(Options, { size: `${megabytes}m`, fileSystemType: filesystem })
        assert.equal(Status['size'], `${megabytes} MiB`)
        assert.equal(Status['fileSystemType'], filesystem)
      })
    }

    test('a volume is made, listed, inspected and removed, and then is gone from disk', async () => {
      assert.equal(await docker.run('volume', 'create', '--driver=files', '--opt=size=20m', 'life'), 'life')
      assert.match(await docker.run('volume', 'ls'), /^files +life$/m)
      assert.equal((await inspect('life')).Mountpoint, '')
      assert.equal(await docker.run('volume', 'rm', 'life'), 'life')
      assert.doesNotMatch(await docker.run('volume', 'ls'), /life/)
      const { stderr } = await docker.try('volume', 'inspect', 'life')
      assert.match(stderr, /no such volume|No such volume/)
      const { stdout } = await machine.run('ls', ['/var/lib/netappdvp/files/volumes'])
      assert.equal(stdout, '')
    })

    test('what one container wrote, another reads after the first is gone', async (t) => {
      const volume = await create(t, 'shelf')
      await lab.inContainer(volume, 'echo kept > /mnt/data')
      await lab.released(files, volume)
      assert.equal(await lab.inContainer(volume, 'cat /mnt/data'), 'kept')
    })

    test('docker run makes a volume that does not exist, of the default size', async (t) => {
      removedAfter(t, 'implied')
      await docker.run('run', '--rm', '--network=none', '--volume-driver=files', '-v', 'implied:/mnt', IMAGE, 'true')
      assert.equal((await inspect('implied')).Status['size'], '1 GiB')
    })

    test('two containers share a volume, and when one stops the other goes on reading and writing', async (t) => {
      const volume = await create(t, 'shared')
      await lab.startContainer('stays', volume)
      await lab.startContainer('leaves', volume)
      assert.deepEqual(await lab.holds(volume), [1, 1])
      await docker.run('exec', 'leaves', 'sh', '-c', 'echo left > /mnt/data')

      await docker.run('stop', 'leaves')
      await until('one of them holds it', async () => (await lab.holds(volume)).length === 1)
      assert.equal(await lab.isMounted(files, volume), true)
      assert.equal(await docker.run('exec', 'stays', 'sh', '-c', 'cat /mnt/data; echo more >> /mnt/data'), 'left')
      await docker.run('stop', 'stays')
      await lab.released(files, volume)
    })

    test('six containers that start at once on one volume all get it, and the last to end gives it back', async (t) => {
      const volume = await create(t, 'crowd')
      const names = ['one', 'two', 'three', 'four', 'five', 'six']
      await Promise.all(names.map((name) => lab.inContainer(volume, `echo ${name} > /mnt/${name}`)))
      assert.equal(await lab.inContainer(volume, 'cd /mnt && cat one two three four five six'), names.join('\n'))
      await lab.released(files, volume)
    })

    test('docker cp into and out of a running container leaves it its volume', async (t) => {
      const volume = await create(t, 'copied')
      await lab.startContainer('copying', volume)
      const { from, to } = await parcel(t)

      await docker.run('cp', from, 'copying:/mnt/data')
      await docker.run('cp', 'copying:/mnt/data', to)
      assert.equal(await readFile(to, 'utf8'), 'carried')
      assert.deepEqual(await lab.holds(volume), [1])
      assert.equal(await lab.isMounted(files, volume), true)
      await docker.run('exec', 'copying', 'sh', '-c', 'echo more >> /mnt/data')

      await docker.run('stop', 'copying')
      await lab.released(files, volume)
    })

    test('docker cp into and out of a stopped container mounts the volume only for that', async (t) => {
      const volume = await create(t, 'parcel')
      await lab.startContainer('resting', volume)
      await docker.run('stop', 'resting')
      const { from, to } = await parcel(t)
      await docker.run('cp', from, 'resting:/mnt/data')
      await lab.released(files, volume)
      await docker.run('cp', 'resting:/mnt/data', to)
      await lab.released(files, volume)
      assert.equal(await readFile(to, 'utf8'), 'carried')
    })

    test('a container finds its data again after docker restart', async (t) => {
      const volume = await create(t, 'again')
      await lab.startContainer('restarting', volume)
      await docker.run('exec', 'restarting', 'sh', '-c', 'echo kept > /mnt/data')
      await docker.run('restart', 'restarting')
      assert.equal(await docker.run('exec', 'restarting', 'cat', '/mnt/data'), 'kept')
      assert.deepEqual(await lab.holds(volume), [1])
      await docker.run('stop', 'restarting')
      await lab.released(files, volume)
    })

    test('a container that fails to start gives its volume back', async (t) => {
      const volume = await create(t, 'unused')
      const { exitCode } = await docker.try(
        ...['run', '--rm', '--network=none', '-v', `${volume}:/mnt`, IMAGE, '/no/such/program'],
      )
      assert.equal(exitCode, 127)
      await lab.released(files, volume)
    })

    test('a read-only mount refuses writes, while another container writes', async (t) => {
      const volume = await create(t, 'readonly')
      await lab.startContainer('writer', volume)
      await docker.run('exec', 'writer', 'sh', '-c', 'echo kept > /mnt/data')
      const read = ['run', '--rm', '--network=none', '-v', `${volume}:/mnt:ro`, IMAGE, 'sh', '-c']
      const { stdout, stderr, exitCode } = await docker.try(...read, 'cat /mnt/data; echo x > /mnt/data')
      assert.deepEqual([stdout, exitCode], ['kept', 1])
      assert.match(stderr, /Read-only file system/)
      await docker.run('exec', 'writer', 'sh', '-c', 'echo more >> /mnt/data')
    })

    test('a volume in use is not removed: Docker itself says by which container', async (t) => {
      const volume = await create(t, 'needed')
      await lab.startContainer('needing', volume)
      const { stderr } = await docker.try('volume', 'rm', volume)
      assert.match(stderr, /^Error response from daemon: remove needed: volume is in use - \[[0-9a-f]{64}\]$/)
    })

    test('an unknown option is refused with the one that was meant', async () => {
      assert.match(
        await refusal('volume', 'create', '--driver=files', '--opt=sise=1g', 'wrong'),
        /^create wrong: VolumeDriver\.Create: Unknown option "sise" for local-file\. Did you mean "size"\? Known: size, from, .*\. "-o help" describes them\.$/,
      )
    })

    test('-o help lists the options and makes no volume', async () => {
      const help = await refusal('volume', 'create', '--driver=files', '--opt=help', 'helped')
      assert.match(help, /^create helped: VolumeDriver\.Create: Options of local-file \(no volume was created\):$/m)
      assert.match(help, /^ {2}size +Size: .* Default: 1G\.$/m)
      assert.match(help, /^ {2}fileSystemType +Filesystem .* One of ext4, ext3, xfs\. Default: ext4\./m)
      assert.doesNotMatch(await docker.run('volume', 'ls'), /helped/)
    })

    for (const [name, fault] of [
      ['../etc', 'begins with "."'],
      ['a/b', 'has the character "/"'],
      ['-v', 'begins with "-"'],
      ['two words', 'has the character " "'],
      ['a\nb', 'has the character "\\n"'],
      ['x', 'is too short (Docker takes one letter for a drive)'],
    ] as const) {
      test(`a volume cannot be named ${JSON.stringify(name)}, which Docker itself would let pass`, async () => {
        assert.equal(
          await refusal('volume', 'create', '--driver=files', '--', name),
          `create ${name}: VolumeDriver.Create: Volume name ${JSON.stringify(name)} ${fault}. Use 2 to 255 letters, digits, "_", "." and "-", beginning with a letter or digit.`,
        )
      })
    }

    test('wrong values are refused in words that say what is right', async () => {
      const create = (...options: readonly string[]) =>
        refusal('volume', 'create', '--driver=files', ...options.map((option) => `--opt=${option}`), 'wrong')
      assert.match(await create('size=5m'), /too small\. {2}The minimum volume size is 20971520 bytes \(20 MiB\)/)
      assert.match(await create('size=100m', 'fstype=xfs'), /minimum volume size is 314572800 bytes .* with xfs/)
      assert.match(await create('fileSystemType=btrfs'), /cannot be "btrfs": it takes one of ext4, ext3, xfs\.$/)
      assert.match(await create('from=nowhere'), /Cannot clone volume "nowhere": it does not exist\.$/)
      assert.match(await create('size=lots'), /lots/)
    })

    test('making a volume again changes nothing, and Docker does not even ask for another size', async (t) => {
      const volume = await create(t, 'twice', 'size=32m')
      await lab.inContainer(volume, 'echo kept > /mnt/data')
      for (const size of ['32m', '64m']) {
        assert.equal(await docker.run('volume', 'create', '--driver=files', `--opt=size=${size}`, volume), volume)
      }
      assert.equal((await inspect(volume)).Status['size'], '32 MiB')
      assert.equal(await lab.inContainer(volume, 'cat /mnt/data'), 'kept')
    })

    test('when two hosts ask for one volume of different sizes, the second is told how they differ', async (t) => {
      const volume = await create(t, 'raced', 'size=32m')
      // Docker asks for a volume that is there only if another host made it since it looked.
      const direct = dockerClient(machine.at('/run/docker/plugins/files.sock'))
      t.after(() => direct.close())
      assert.equal((await direct.call('Create', { Name: volume, Opts: { size: '32m' } })).status, 200)
      assert.deepEqual((await direct.call('Create', { Name: volume, Opts: { size: '64m' } })).body, {
        Err: 'Volume "raced" exists and differs from what was asked for: its size is 32 MiB, not 64 MiB. Choose another name, or remove the volume first.',
      })
    })

    test('an anonymous volume goes with docker run --rm, and with docker rm --volumes', async () => {
      const run = ['run', '--network=none', '--volume-driver=files', '-v', '/mnt']
      await docker.run(...run, '--rm', IMAGE, 'sh', '-c', 'echo x > /mnt/data')
      assert.equal(await docker.run('volume', 'ls', '--quiet'), '')
      await docker.run(...run, '--name=anonymous', IMAGE, 'true')
      assert.match(await docker.run('volume', 'ls', '--quiet'), /^[0-9a-f]{64}$/)
      await docker.run('rm', '--volumes', 'anonymous')
      assert.equal(await docker.run('volume', 'ls', '--quiet'), '')
    })

    test('docker volume prune leaves volumes of plugins alone', async (t) => {
      const volume = await create(t, 'unpruned')
      await docker.run('volume', 'prune', '--force')
      assert.match(await docker.run('volume', 'ls', '--quiet'), /^unpruned$/m)
      await inspect(volume)
    })

    for (const filesystem of FILESYSTEMS) {
      test(`an ${filesystem} is cloned while a container writes, which goes on writing; the clone has all until then`, async (t) => {
        const source = await create(t, `source-${filesystem}`, sizeOf(filesystem), `fstype=${filesystem}`)
        const script = 'i=0; while :; do i=$((i+1)); echo $i >> /mnt/log; sync /mnt/log; done'
        await lab.startContainer(`logger-${filesystem}`, source, { script })
        const count = async () => lines(await docker.run('exec', `logger-${filesystem}`, 'cat', '/mnt/log')).length
        const before = await until('it has written', async () => (await count().catch(() => 0)) || undefined)

        const clone = await create(t, `clone-${filesystem}`, `from=${source}`)
        const after = await count()
        await until('it goes on writing', async () => (await count()) > after)

        const copied = lines(await lab.inContainer(clone, 'cat /mnt/log; echo mine >> /mnt/log'))
        assert.deepEqual(
          copied,
          copied.map((_, i) => String(i + 1)),
        )
        assert.ok(before <= copied.length && copied.length <= after, `${before} <= ${copied.length} <= ${after}`)
        assert.equal((await inspect(clone)).Status['clonedFrom'], `netappdvp_${source}`)
        assert.doesNotMatch(await docker.run('exec', `logger-${filesystem}`, 'cat', '/mnt/log'), /mine/)
      })
    }

    test('two instances side by side keep their volumes apart; Docker knows a name only once', async (t) => {
      const other = await lab.plugin('other')
      explainFailure(t, lab, [files, other])
      const direct = dockerClient(machine.at('/run/docker/plugins/other.sock'))
      t.after(async () => {
        await direct.close()
        await other.stop('SIGTERM')
      })
      await create(t, 'mine')
      await docker.run('volume', 'create', '--driver=other', '--opt=size=20m', 'theirs')
      await lab.inContainer('mine', 'echo mine > /mnt/data')
      await lab.inContainer('theirs', 'ls /mnt; echo theirs > /mnt/data')
      assert.equal(await lab.inContainer('mine', 'cat /mnt/data'), 'mine')
      await docker.run('volume', 'rm', 'theirs')

      assert.equal(
        await refusal('volume', 'create', '--driver=other', 'mine'),
        "create mine: driver 'files' already has volume 'mine': volume name must be unique",
      )
      // As another host of a Swarm might have made it.
      await direct.call('Create', { Name: 'mine', Opts: { size: '20m' } })
      assert.match(await docker.run('volume', 'ls'), /^\S+ +VOLUME NAME\nfiles +mine$/)
      assert.equal(await lab.inContainer('mine', 'cat /mnt/data'), 'mine')
      await direct.call('Remove', { Name: 'mine' })
    })

    test('a Compose project makes its volume, uses it, and takes it down', async (t) => {
      if ((await docker.try('compose', 'version')).exitCode !== 0) return t.skip('needs docker compose')
      const file = machine.at('/run/compose.yaml')
      await writeFile(
        file,
        `services: {web: {image: ${IMAGE}, network_mode: none, command: [sh, -c, 'echo x > /mnt/data'], volumes: ['data:/mnt']}}
volumes: {data: {driver: files, driver_opts: {size: 20m}}}\n`,
      )
      const compose = ['compose', '--project-name=shop', '--file', file]
      await docker.run(...compose, 'up', '--abort-on-container-exit')
      assert.equal((await inspect('shop_data')).Status['size'], '20 MiB')
      await docker.run(...compose, 'down', '--volumes')
      assert.doesNotMatch(await docker.run('volume', 'ls'), /shop/)
    })

    /** A volume that goes away with the test, of 64 MiB unless told; @returns its name */
    async function create(t: TestContext, name: string, ...options: readonly string[]): Promise<string> {
      explainFailure(t, lab, [files])
      removedAfter(t, name)
      const sized = options.length > 0 ? options : ['size=64m']
      await docker.run('volume', 'create', '--driver=files', ...sized.map((option) => `--opt=${option}`), name)
      return name
    }

    function removedAfter(t: TestContext, name: string): void {
      t.after(async () => {
        const users = await docker.run('ps', '--all', '--quiet', `--filter=volume=${name}`)
        for (const user of lines(users)) await docker.try('rm', '--force', user)
        await docker.run('volume', 'rm', '--force', name)
      })
    }

    /** What follows `Error response from daemon: ` when a command fails. */
    async function refusal(...command: readonly string[]): Promise<string> {
      const { exitCode, stderr } = await docker.try(...command)
      assert.notEqual(exitCode, 0)
      return stderr.replace(/^Error response from daemon: /, '')
    }

    async function inspect(name: string): Promise<Inspected> {
      return JSON.parse(await docker.run('volume', 'inspect', '--format={{json .}}', name))
    }
  })

interface Inspected {
  readonly Driver: string
  readonly Scope: string
  readonly Mountpoint: string
  readonly Options: Readonly<Record<string, string>> | null
  readonly Status: Readonly<Record<string, unknown>>
}

/** mkfs.xfs makes nothing below 300 MiB. */
function sizeOf(filesystem: Filesystem): string {
  return filesystem === 'xfs' ? 'size=320m' : 'size=64m'
}

/** A file to be copied, and where it comes out again. Not in the machine: docker cp gets lost in /proc/PID/root. */
async function parcel(t: TestContext): Promise<{ from: string; to: string }> {
  const directory = await temporaryDirectory(t)
  const from = join(directory, 'in')
  await writeFile(from, 'carried')
  return { from, to: join(directory, 'out') }
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}
