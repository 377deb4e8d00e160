/** Where Docker finds the daemon: its socket and spec file, what may be in their place, and the port instead. */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { lstat, mkdir, readFile, rename, stat, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { Client } from 'undici'
import { pathsOf } from '../../src/daemon/paths.ts'
import { answers, begin, logOf, put, runToEnd, temporaryRoot } from './process/bench.ts'
import { missing } from './process/daemon.ts'
import { create } from './process/docker.ts'
import { until } from './process/poll.ts'

const SOCKET = 'run/docker/plugins/local-file.sock'
const LOCAL_FILE = ['--volume-driver', 'local-file']

if (missing) test('the socket', { skip: missing })
else
  suite('the socket', () => {
    for (const umask of ['000', '022', '077']) {
      test(`has mode 0660, and its spec says where it is, when started under umask ${umask}`, async (t) => {
        const root = await temporaryRoot(t)
        const through = ['sh', '-c', `umask ${umask}; exec "$0" "$@"`]
        const { paths } = await begin(t, { root, through }).ready()
        assert.equal(await modeOf(paths.socket), '660')
        assert.equal(await modeOf(paths.spec), '644')
        assert.equal(await readFile(paths.spec, 'utf8'), `unix://${paths.socket}\n`)
        assert.equal(await modeOf(paths.log), '640')
        assert.equal(await modeOf(paths.state), '700')
        assert.equal(await modeOf(paths.mounts), '600')
        assert.equal(await modeOf(join(paths.state, 'volumes')), '700')
      })
    }

    test('of a running instance keeps a second one away, which names the first', async (t) => {
      const root = await temporaryRoot(t)
      const first = await begin(t, { root }).ready()
      const { code, stderr } = await runToEnd(['--root', root, ...LOCAL_FILE], root)
      assert.equal(code, 1)
      assert.match(
        stderr,
        new RegExp(`process ${first.pid} \\(.*\\) serves the volume driver \\\\?"local-file\\\\?" already`),
      )
      assert.equal((await first.call('List')).status, 200)
      assert.ok(existsSync(first.paths.socket) && existsSync(first.paths.spec))
    })

    test('that another program listens on is left to it, by its process number', async (t) => {
      const root = await temporaryRoot(t)
      const other = await listenElsewhere(t, join(root, SOCKET))
      const { code, stderr } = await runToEnd(['--root', root, ...LOCAL_FILE], root)
      assert.equal(code, 1)
      assert.match(stderr, new RegExp(`process ${other.pid} `))
      assert.equal(await answers(join(root, SOCKET)), true)
      assert.equal(existsSync(pathsOf('local-file', root).spec), false)
    })

    test('that nobody listens on is replaced', async (t) => {
      const root = await temporaryRoot(t)
      const other = await listenElsewhere(t, join(root, SOCKET))
      other.kill('SIGKILL')
      await until('it is stale', async () => !(await answers(join(root, SOCKET))))
      assert.ok(existsSync(join(root, SOCKET)))
      await begin(t, { root }).ready()
    })

    test('is not made where a file, a directory or a symbolic link is; that is left as it is', async (t) => {
      for (const [kind, make] of IN_THE_WAY) {
        const root = await temporaryRoot(t)
        await mkdir(join(root, 'run/docker/plugins'), { recursive: true })
        await make(root, join(root, SOCKET))
        const before = await lstat(join(root, SOCKET))
        const { code, stderr } = await runToEnd(['--root', root, ...LOCAL_FILE], root)
        assert.equal(code, 1)
        assert.match(
          stderr,
          new RegExp(`Cannot listen on \\S+local-file\\.sock: ${kind} is in its place\\. Move it away`),
        )
        const after = await lstat(join(root, SOCKET))
        assert.deepEqual([after.ino, after.mode, after.mtimeMs], [before.ino, before.mode, before.mtimeMs])
      }
    })

    test('with a path longer than sockets may have ends the start with a sentence', async (t) => {
      for (const length of [60, 90, 150]) {
        const root = join(await temporaryRoot(t), 'x'.repeat(length))
        await mkdir(root)
        const path = join(root, SOCKET)
        if (path.length <= 107) {
          await begin(t, { root }).ready()
          continue
        }
        const { code, stderr } = await runToEnd(['--root', root, ...LOCAL_FILE], root)
        assert.equal(code, 1)
        assert.match(stderr, /socket paths have at most 107 bytes\. Choose a shorter --root or --volume-driver/)
      }
    })

    test('may have the longest path there is', async (t) => {
      const root = await temporaryRoot(t)
      const volumeDriver = 'd'.repeat(107 - pathsOf('', root).socket.length)
      const args = ['--config', await put(root, 'c.json', '{"version":1,"storageDriverName":"local-file"}')]
      const daemon = await begin(t, { root, volumeDriver, args }).ready()
      assert.equal(daemon.paths.socket.length, 107)
      const { code, stderr } = await runToEnd(['--root', root, '--volume-driver', volumeDriver, ...args], root)
      assert.equal(code, 1)
      assert.match(stderr, new RegExp(`process ${daemon.pid} `), 'and keeps a second instance away like any other')
    })

    test('is not there with --port: it listens on the loopback address, and its spec is where Docker reads those', async (t) => {
      const root = await temporaryRoot(t)
      const port = await freePort()
      const daemon = begin(t, { root, args: ['--port', String(port)] })
      const { tcpSpec, socket, spec } = daemon.paths
      await until('it is ready', async () => (await logOf(daemon)).includes('plugin ready'))
      assert.equal(await readFile(tcpSpec, 'utf8'), `tcp://127.0.0.1:${port}\n`)
      assert.equal(await modeOf(tcpSpec), '644')
      assert.ok(!existsSync(socket) && !existsSync(spec))
      assert.match(await logOf(daemon), /WARN\[.*Listening on TCP: every user of this host can/)
      assert.deepEqual(await listenersOn(port), ['0100007F'], 'on 127.0.0.1 and nowhere else')

      const client = new Client(`http://127.0.0.1:${port}`)
      const answer = await client.request({ method: 'POST', path: '/Plugin.Activate' })
      assert.deepEqual(await answer.body.json(), { Implements: ['VolumeDriver'], Err: '' })
      await client.close()
      assert.deepEqual(await daemon.stop(), { code: 0, signal: null })
      assert.equal(existsSync(tcpSpec), false)
    })

    test('a port that is taken ends the start with a sentence', async (t) => {
      const root = await temporaryRoot(t)
      const taken = createServer().listen(0, '127.0.0.1')
      t.after(() => taken.close())
      await once(taken, 'listening')
      const { port } = taken.address() as { port: number }
      const { code, stderr } = await runToEnd(['--root', root, ...LOCAL_FILE, '--port', String(port)], root)
      assert.equal(code, 1)
      assert.match(stderr, new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`))
    })

    test('answers while the mount root is no directory; calls work once that is moved away', async (t) => {
      const root = await temporaryRoot(t)
      const inTheWay = await put(root, 'var/lib/docker-volumes/local-file', 'mine')
      const daemon = begin(t, { root })
      await until('the log says why', async () => /not a directory\. Move that away/.test(await logOf(daemon)))
      assert.equal((await daemon.call('Plugin.Activate')).status, 200)
      assert.equal(await readFile(inTheWay, 'utf8'), 'mine')
      await rename(inTheWay, `${inTheWay}.away`)
      await create(daemon, 'v1')
    })
  })

const IN_THE_WAY: readonly (readonly [string, (root: string, path: string) => Promise<unknown>])[] = [
  ['a file', (root) => put(root, SOCKET, 'mine')],
  ['a directory', (_, path) => mkdir(path)],
  ['a symbolic link', (root, path) => symlink(join(root, 'elsewhere'), path)],
]

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o7777).toString(8)
}

/** A program of another kind that listens on the socket until the test ends. */
async function listenElsewhere(t: TestContext, path: string): Promise<ChildProcess> {
  await mkdir(join(path, '..'), { recursive: true })
  const script = 'require("node:net").createServer(() => {}).listen(process.argv[1])'
  const child = spawn(process.execPath, ['-e', script, path], { stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  await until('the other program listens', async () => existsSync(path) && (await answers(path)))
  return child
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Addresses that sockets listen on at a port, as the kernel writes them: hexadecimal, in the host's byte order. */
async function listenersOn(port: number): Promise<readonly string[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8')))
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return [...tables.join('\n').matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A /gm)]
    .filter(([, , listens]) => listens === hex)
    .map(([, address]) => address!)
}
