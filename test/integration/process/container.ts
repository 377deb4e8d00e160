/** A stand-in for a container: a process in a mount namespace of its own, in which a volume is mounted. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { until } from './poll.ts'

export interface Container {
  /** Resolves when it is gone, and its mounts with it. */
  end(): Promise<void>
}

/** A new namespace begins with a copy of all mounts; those of other volumes are none of this container's. */
const SCRIPT = `
awk '/ \\/dev\\/loop/ {print $5}' /proc/self/mountinfo |
while read -r at; do [ "$at" = "$1" ] || umount --lazy "$at"; done
echo running
exec sleep 600`

export async function startContainer(mountpoint: string): Promise<Container> {
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', SCRIPT, 'sh', mountpoint]
  const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await until('the container runs', () => said.includes('running'))
  return {
    async end() {
      child.kill('SIGKILL')
      await closed
    },
  }
}
