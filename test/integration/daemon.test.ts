/** The executable from its command line to its end: flags, configs, signals, and what it keeps to itself. */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { begin, isRoot, logOf, pretend, put, runToEnd, temporaryRoot } from './process/bench.ts'
import { missing, startDaemon } from './process/daemon.ts'
import { create, succeed } from './process/docker.ts'
import { volumesIn } from './process/leftovers.ts'
import { until } from './process/poll.ts'

const CONFIG = '{"version":1,"storageDriverName":"local-file"}'

if (missing) test('the daemon', { skip: missing })
else
  suite('the daemon', () => {
    const unusable: readonly { what: string; content?: string | Buffer; says: RegExp }[] = [
      { what: 'that is missing', says: /Cannot read config file \S+: there is no such file/ },
      { what: 'that is cut off', content: '{"version":1,', says: /Cannot decode json .* line 1 column 14/ },
      { what: 'that is no JSON at all', content: 'version=1', says: /Cannot decode json .* line 1 column 1/ },
      { what: 'that is empty', content: '', says: /Cannot decode json/ },
      { what: 'that is UTF-16', content: Buffer.from(`\ufeff${CONFIG}`, 'utf16le'), says: /it is UTF-16\. Save it as/ },
      { what: 'that is a list', content: '[]', says: /the config is not an object/ },
      {
        what: 'with a key twice',
        content: CONFIG.replace('}', ',"version":1}'),
        says: /key \\?"version\\?" is given twice/,
      },
      { what: 'of another version', content: CONFIG.replace('1', '2'), says: /version; {2}found 2 expected 1/ },
      { what: 'without a driver', content: '{"version":1}', says: /Missing storage driver name/ },
      {
        what: 'for an unknown driver',
        content: CONFIG.replace('file', 'flie'),
        says: /Unknown storage driver \\?"local-flie\\?".* Did you mean \\?"local-file\\?"/,
      },
      {
        what: 'with an unknown setting',
        content: CONFIG.replace('}', ',"directry":"/x"}'),
        says: /directry\\?" is unknown.* Did you mean \\?"directory/,
      },
    ]
    for (const { what, content, says } of unusable) {
      test(`a config ${what} ends the start with exit code 1 and a sentence`, async (t) => {
        const root = await temporaryRoot(t)
        const config = content === undefined ? join(root, 'nowhere.json') : await put(root, 'config.json', content)
        const { code, stderr } = await runToEnd(['--root', root, '--config', config])
        assert.equal(code, 1)
        assert.match(stderr, says)
        assert.match(await readFile(join(root, 'var/log/netappdvp/netapp.log'), 'utf8'), says)
        assert.equal(existsSync(join(root, 'run')), false, 'no socket was made')
        assert.equal(existsSync(join(root, 'var/lib')), false, 'no state was made')
      })
    }

    test('a config that may not be read ends the start with a sentence that says so', {
      skip: isRoot ? false : 'needs root to become another user',
    }, async (t) => {
      const root = await temporaryRoot(t)
      const config = await put(root, 'config.json', CONFIG, 0o600)
      await mkdir(join(root, 'theirs'), { mode: 0o777 })
      const as = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-c', 'exec "$0" "$@"']
      await chmod(root, 0o755)
      await chmod(join(root, 'theirs'), 0o777)
      const { code, stderr } = await runToEnd(['--root', join(root, 'theirs'), '--config', config], '/', as)
      assert.equal(code, 1)
      assert.match(stderr, /permission is denied\. Run the plugin as root/)
    })

    test('a config with a byte order mark, and flags as Go took them, serve', async (t) => {
      const root = await temporaryRoot(t)
      const config = await put(root, 'config.json', `\ufeff${CONFIG}`)
      const daemon = begin(t, { root, args: [`-config=${config}`, '-debug=false', '-log-level', 'warning'] })
      await daemon.ready()
      assert.equal(await logOf(daemon), '', 'nothing below a warning is said')
      assert.deepEqual(await daemon.stop(), { code: 0, signal: null })
    })

    test('without --config it takes config.json of its working directory', async (t) => {
      const root = await temporaryRoot(t)
      await put(root, 'config.json', CONFIG.replace('}', ',"storagePrefix":"mine_"}'))
      const daemon = await begin(t, { root, volumeDriver: 'other' }).ready()
      await create(daemon, 'v1')
      assert.deepEqual(await volumesIn(join(daemon.paths.state, 'volumes')), ['mine_v1'])
    })

    for (const version of ['-version', '--version', '-version=true']) {
      test(`${version} prints nDVP's four lines`, async () => {
        const { code, stdout } = await runToEnd([version])
        assert.equal(code, 0)
        assert.match(stdout, /^NetApp Docker Volume Plugin\nVersion: \S+\nBuild: \S+\nBuilt: \S+\n$/)
      })
    }

    for (const [args, says] of [
      [['--frobnicate'], /Unknown argument: frobnicate/],
      [['-debug=perhaps'], /invalid boolean value "perhaps" for -debug/],
      [['--config'], /flag needs an argument: -config/],
      [['--volume-driver', '../up'], /--volume-driver cannot be "\.\.\/up"/],
      [['--root', 'relative'], /--root cannot be "relative"\. Give an absolute path/],
      [['--port', '99999'], /--port cannot be "99999"/],
      [['--log-level', 'loud'], /--log-level cannot be "loud"/],
      [['start'], /Unknown/],
    ] as const) {
      test(`${args.join(' ')} is answered by the usage and exit code 2`, async (t) => {
        const root = await temporaryRoot(t)
        const { code, stdout, stderr } = await runToEnd([...args], root)
        assert.equal(code, 2)
        assert.match(stderr, says)
        assert.match(stderr, /Options:\n.*--config/s)
        assert.equal(stdout, '')
        assert.deepEqual(await readdir(root), [])
      })
    }

    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      test(`${signal} ends it with exit code 0 and takes socket and spec away`, async (t) => {
        const root = await temporaryRoot(t)
        const daemon = await begin(t, { root }).ready()
        const { socket, spec } = daemon.paths
        assert.ok(existsSync(socket) && existsSync(spec))
        assert.deepEqual(await daemon.stop(signal), { code: 0, signal: null })
        assert.ok(!existsSync(socket) && !existsSync(spec))
      })
    }

    test('told to end during a slow call, it answers first, takes no new ones, and then goes at once', async (t) => {
      const root = await temporaryRoot(t)
      const fifo = join(root, 'go')
      const PATH = await pretend(root, 'fallocate', `mkfifo ${fifo}; touch ${root}/slow; read x <${fifo}`)
      const daemon = await begin(t, { root, env: { PATH } }).ready()
      const slow = succeed(daemon, 'Create', { Name: 'v1', Opts: { size: '20m', spaceReserve: 'volume' } })
      await until('the call is under way', () => existsSync(join(root, 'slow')))
      daemon.child.kill('SIGTERM')
      await until('it takes no new calls', () => !existsSync(daemon.paths.socket))
      assert.equal(daemon.isRunning(), true)

      await writeFile(fifo, 'go\n')
      await slow
      const before = performance.now()
      assert.deepEqual(await daemon.ended, { code: 0, signal: null })
      assert.ok(performance.now() - before < 5_000, 'a connection that Docker keeps does not hold up the end')
      const again = await begin(t, { root }).ready()
      assert.equal(((await succeed(again, 'List', {}))['Volumes'] as unknown[]).length, 1)
    })

    test('a connection that Docker keeps idle does not hold up the end', async (t) => {
      const daemon = await begin(t, { root: await temporaryRoot(t) }).ready()
      const before = performance.now()
      await daemon.stop()
      assert.ok(performance.now() - before < 5_000)
    })

    test('killed and started again, it serves the volumes it had', async (t) => {
      const root = await temporaryRoot(t)
      const first = await begin(t, { root }).ready()
      await create(first, 'v1')
      await first.stop('SIGKILL')
      assert.ok(existsSync(first.paths.socket), 'a killed daemon leaves its socket')
      const second = await begin(t, { root }).ready()
      assert.equal((await second.call('Get', { Name: 'v1' })).status, 200)
    })

    test('asked from the first moment of its socket, it answers and stays', async (t) => {
      const root = await temporaryRoot(t)
      for (let round = 0; round < 5; round += 1) {
        const daemon = startDaemon({ root })
        t.after(() => daemon.stop('SIGKILL'))
        await until('somebody listens', () => existsSync(daemon.paths.socket))
        const told = await until('it answers', () =>
          daemon.call('Plugin.Activate').catch((error) => {
            if (error.code === 'ECONNREFUSED') return undefined
            throw error
          }),
        )
        assert.deepEqual(told.body, { Implements: ['VolumeDriver'], Err: '' })
        assert.deepEqual(await daemon.stop(), { code: 0, signal: null })
      }
    })

    test('two instances of different names serve side by side, each with its own volumes', async (t) => {
      const root = await temporaryRoot(t)
      const args = ['--config', await put(root, 'config.json', CONFIG)]
      const one = await begin(t, { root, volumeDriver: 'one', args }).ready()
      const two = await begin(t, { root, volumeDriver: 'two', args }).ready()
      await create(one, 'v1', { size: '20m' })
      await create(two, 'v1', { size: '30m' })
      assert.equal((await two.call('Get', { Name: 'v1' })).status, 200)
      await succeed(one, 'Remove', { Name: 'v1' })
      assert.equal((await two.call('Get', { Name: 'v1' })).status, 200, "the other's volume is untouched")
      await one.stop()
      assert.equal(((await succeed(two, 'List', {}))['Volumes'] as unknown[]).length, 1)
      assert.ok(existsSync(two.paths.socket) && !existsSync(one.paths.socket))
    })

    test('a body of 10 MB is refused, and the next call is answered', async (t) => {
      const root = await temporaryRoot(t)
      const daemon = await begin(t, { root }).ready()
      const body = JSON.stringify({ Name: 'v1', Opts: { size: 'x'.repeat(10_000_000) } })
      const told = await daemon.call('Create', body).catch((error) => error as NodeJS.ErrnoException)
      if ('status' in told) assert.equal(told.status, 413)
      else assert.match(`${told.code}`, /ECONNRESET|EPIPE|UND_ERR_SOCKET/)
      assert.equal((await daemon.call('Plugin.Activate')).status, 200)
      assert.deepEqual((await succeed(daemon, 'List', {}))['Volumes'], [])
    })

    test('2,000 calls leave no descriptor open and little memory taken', async (t) => {
      const root = await temporaryRoot(t)
      const daemon = await begin(t, { root, args: ['--log-level', 'error'] }).ready()
      await create(daemon, 'v1')
      const round = async () => {
        for (const [verb, body] of CALLS) await daemon.call(verb, body).catch(() => {})
      }
      for (let n = 0; n < 20; n += 1) await round()
      const before = { fds: await descriptorsOf(daemon.pid), kB: await memoryOf(daemon.pid) }
      for (let n = 0; n < 2_000 / CALLS.length; n += 1) await round()
      const fds = await until('descriptors are closed', async () => {
        const now = await descriptorsOf(daemon.pid)
        return now === before.fds && now
      }).catch(() => descriptorsOf(daemon.pid))
      const kB = await memoryOf(daemon.pid)
      t.diagnostic(`descriptors ${before.fds} -> ${fds}, anonymous memory ${before.kB} kB -> ${kB} kB`)
      assert.equal(fds, before.fds)
    })

    const CALLS: readonly (readonly [string, object])[] = [
      ['Plugin.Activate', {}],
      ['Capabilities', {}],
      ['List', {}],
      ['Get', { Name: 'v1' }],
      ['Get', { Name: 'nobody' }],
      ['Path', { Name: 'v1' }],
      ['Create', { Name: 'v1', Opts: { size: '20m' } }],
      ['Create', { Name: 'v2', Opts: { size: '1' } }],
      ['Unmount', { Name: 'v1', ID: 'nobody' }],
      ['Remove', { Name: 'nobody' }],
    ]

    async function descriptorsOf(pid: number): Promise<number> {
      return (await readdir(`/proc/${pid}/fd`)).length
    }

    async function memoryOf(pid: number): Promise<number> {
      return Number(/RssAnon:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1])
    }

    suite('its log', () => {
      test('a file in the place of its directory ends the start, and is left alone', async (t) => {
        const root = await temporaryRoot(t)
        const path = await put(root, 'var/log/netappdvp', 'mine')
        const { code, stderr } = await runToEnd(['--root', root, '--volume-driver', 'local-file'], root)
        assert.equal(code, 1)
        assert.match(stderr, /^Log path \S+ exists and is not a directory, please remove\.$/m)
        assert.equal(await readFile(path, 'utf8'), 'mine')
      })

      test('a symbolic link in its place ends the start, and is not followed', async (t) => {
        const root = await temporaryRoot(t)
        const elsewhere = await put(root, 'elsewhere', 'mine')
        await mkdir(join(root, 'var/log/netappdvp'), { recursive: true })
        await symlink(elsewhere, join(root, 'var/log/netappdvp/local-file.log'))
        const { code, stderr } = await runToEnd(['--root', root, '--volume-driver', 'local-file'], root)
        assert.equal(code, 1)
        assert.match(stderr, /it is a symbolic link\. Move it away/)
        assert.equal(await readFile(elsewhere, 'utf8'), 'mine')
      })

      test('is rotated when it reaches 10 MiB, and one old file is kept', async (t) => {
        const root = await temporaryRoot(t)
        const path = await put(root, 'var/log/netappdvp/local-file.log', 'the first line\n')
        await put(root, 'var/log/netappdvp/local-file.log.old', 'older still')
        await truncate(path, 10_485_760 - 1)
        const daemon = await begin(t, { root }).ready()
        await until('it is rotated', async () => (await logOf(daemon)).includes('Rotated log file.'))
        const old = await readFile(`${path}.old`)
        assert.ok(old.length >= 10_485_760 && old.toString('latin1').startsWith('the first line\n'))
        assert.deepEqual((await readdir(join(root, 'var/log/netappdvp'))).sort(), [
          'local-file.log',
          'local-file.log.old',
        ])
      })

      test('goes on in a new file after SIGHUP, when something else has moved it away', async (t) => {
        const root = await temporaryRoot(t)
        const daemon = await begin(t, { root }).ready()
        const { log } = daemon.paths
        await until('it has lines', async () => (await logOf(daemon)).includes('plugin ready'))
        await rename(log, `${log}.1`)
        await create(daemon, 'before')
        await until('lines follow the file', async () => (await readFile(`${log}.1`, 'utf8')).includes('before'))
        daemon.child.kill('SIGHUP')
        await until('there is a new file', () => existsSync(log))
        await create(daemon, 'after')
        await until('lines go there', async () => (await logOf(daemon)).includes('volume=after'))
        assert.ok(!(await readFile(`${log}.1`, 'utf8')).includes('volume=after'))
      })
    })
  })
