import assert from 'node:assert/strict'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { listen } from '../../src/daemon/listen.ts'
import { pathsOf } from '../../src/daemon/paths.ts'
import { silentLog } from '../../src/log.ts'
import { temporaryDirectory } from '../host/fakes.ts'

test('the socket lets in nobody else from its first moment on, whatever the umask, which stays', async (t) => {
  const before = process.umask(0)
  t.after(() => process.umask(before))
  const paths = pathsOf('d', await temporaryDirectory(t))
  const server = createServer()
  const firstMode = once(server, 'listening').then(() => statSync(paths.socket).mode & 0o777)
  const listening = await listen(server, { paths, volumeDriver: 'd', log: silentLog })
  assert.equal((await firstMode).toString(8), '660')
  assert.equal(process.umask(), 0)
  await listening.close()
})
