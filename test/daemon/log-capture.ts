/** Streams that keep what is written to them, and a directory that goes away, for tests of the log. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { TestContext } from 'node:test'

export class Capture extends Writable {
  readonly isTTY: boolean
  text = ''

  constructor(isTTY = false) {
    super()
    this.isTTY = isTTY
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

export function captured(isTTY = false): { stdout: Capture; stderr: Capture } {
  return { stdout: new Capture(isTTY), stderr: new Capture(isTTY) }
}

export function temporaryDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'netappdvp-test-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}
