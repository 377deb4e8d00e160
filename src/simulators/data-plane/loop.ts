/** Block devices made of files. Wraps losetup(8). */

import { runProgram } from './program.ts'

/** The device of a file: the one it has, or a new one. @returns `/dev/loop3` */
export async function attachLoop(path: string, sectorSize: 512 | 4096): Promise<string> {
  const size = ['--sector-size', String(sectorSize)]
  return (await runProgram('losetup', ['--find', '--show', '--nooverlap', ...size, '--', path])).trim()
}

/** Makes the device as large as its file has become. */
export async function refreshLoop(device: string): Promise<void> {
  await runProgram('losetup', ['--set-capacity', device])
}

export async function detachLoop(device: string): Promise<void> {
  await runProgram('losetup', ['--detach', device])
}

/** Devices of files whose path begins with `prefix`. */
export async function loopsOf(prefix: string): Promise<readonly string[]> {
  const listed = await runProgram('losetup', ['--list', '--raw', '--noheadings', '--output', 'NAME,BACK-FILE'])
  return listed.split('\n').flatMap((line) => {
    const [, device, file] = /^(\S+) (.*)$/.exec(line) ?? []
    return device !== undefined && file?.startsWith(prefix) ? device : []
  })
}
