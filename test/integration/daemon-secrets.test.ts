/** What a daemon was trusted with is nowhere to be read: not in answers, logs, arguments, or the programs it runs. */

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { begin, logOf, pretend, put, runToEnd, temporaryRoot } from './process/bench.ts'
import { missing } from './process/daemon.ts'

/** With characters that URLs, JSON and shells write in other ways. */
const CANARY = 'c4n4ry "p@ss\\w%rd/+é&<'

/** The canary, or a part of it that no encoding changes, or its base64. */
function assertFree(text: string, where: string): void {
  const base64 = Buffer.from(CANARY).toString('base64').slice(0, 24)
  for (const form of [CANARY, JSON.stringify(CANARY).slice(1, -1), encodeURIComponent(CANARY), base64, 'c4n4ry']) {
    assert.ok(!text.includes(form), `${where} has the secret as ${form}:\n${text}`)
  }
}

if (missing) test('secrets', { skip: missing })
else
  suite('a secret', () => {
    for (const [what, config] of [
      ['that its driver does not know', `{"version":1,"storageDriverName":"local-file","password":${quoted()}}`],
      ['in the wrong place', `{"version":1,"storageDriverName":${quoted()}x,"password":${quoted()}}`],
      ['before a slip in the JSON', `{"version":1,"password":${quoted()} "storageDriverName":"local-file"}`],
      ['that is not closed', `{"version":1,"password":"${CANARY}`],
      ['in a URL of an unknown setting', `{"version":1,"storageDriverName":"local-file","Endpoint":${url()}}`],
    ] as const) {
      test(`of a config ${what} is not in what the daemon says about it`, async (t) => {
        const root = await temporaryRoot(t)
        const path = await put(root, 'config.json', config)
        const { code, stdout, stderr } = await runToEnd(['--debug', '--root', root, '--config', path])
        assert.equal(code, 1)
        assertFree(stdout + stderr, 'the console')
        assertFree(await readFile(join(root, 'var/log/netappdvp/netapp.log'), 'utf8'), 'the log')
      })
    }

    test('given as an option is refused by the name of the option alone', async (t) => {
      const daemon = await begin(t, { root: await temporaryRoot(t), args: ['--debug'] }).ready()
      const told = await daemon.call('Create', { Name: 'v1', Opts: { password: CANARY } })
      assert.match(`${told.body['Err']}`, /Unknown option "password"/)
      assertFree(`${told.body['Err']}`, 'the answer')
      await daemon.stop()
      assertFree(daemon.output() + (await logOf(daemon)), 'the log')
    })

    test("in the daemon's environment is not handed on to the programs it runs", async (t) => {
      const root = await temporaryRoot(t)
      const PATH = await pretend(
        root,
        'fallocate',
        `cat /proc/$$/environ /proc/$$/cmdline >${root}/seen; ls -l /proc/$$/fd >${root}/fds; exit 0`,
      )
      const env = { PATH, SOLIDFIRE_PASSWORD: CANARY, NOTIFY_SOCKET: '/nowhere/c4n4ry' }
      const daemon = await begin(t, { root, env, args: ['--debug'] }).ready()
      const told = await daemon.call('Create', { Name: 'v1', Opts: { size: '20m', spaceReserve: 'volume' } })
      assert.equal(told.status, 200, `${told.body['Err']}`)
      const seen = (await readFile(join(root, 'seen'), 'latin1')).split('\0')
      assertFree(seen.join('\n'), 'environment and arguments')
      const variables = seen.flatMap((text) => /^([A-Z_]+)=/.exec(text)?.[1] ?? []).sort()
      assert.deepEqual(
        variables.filter((name) => !['PWD', 'NETAPPDVP_STARTED'].includes(name)),
        ['LC_ALL', 'PATH'],
      )
      const fds = await readFile(join(root, 'fds'), 'utf8')
      assert.doesNotMatch(fds, /local-file\.log|journal/, 'no file of the daemon is open in its programs')
      assertFree(await readFile(`/proc/${daemon.pid}/cmdline`, 'latin1'), 'the command line')
    })
  })

function quoted(): string {
  return JSON.stringify(CANARY)
}

function url(): string {
  return JSON.stringify(`https://admin:${encodeURIComponent(CANARY)}@10.0.0.1/json-rpc/8.0`)
}
