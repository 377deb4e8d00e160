import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openImages } from '../../../src/simulators/data-plane/nfs-images.ts'

test('a file system that could not be finished is none, and the next start finds nothing of it', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
  const path = process.env['PATH']
  t.after(() => {
    process.env['PATH'] = path
    rmSync(directory, { recursive: true, force: true })
  })
  const program = '#!/bin/sh\n[ "$1" = -V ] && { echo mkfs.xfs version 6.1.0; exit 0; }\nexit 1\n'
  writeFileSync(join(directory, 'mkfs.xfs'), program, { mode: 0o755 })
  process.env['PATH'] = `${directory}:${path}`
  const images = await openImages(join(directory, 'images'))
  await assert.rejects(images.make('v', 20 * 1024 ** 2), /mkfs\.xfs .*failed/)
  assert.deepEqual(await images.names(), [])
  await openImages(join(directory, 'images'))
  assert.deepEqual(readdirSync(join(directory, 'images')), [])
})
