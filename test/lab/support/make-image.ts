/** Makes the image of the lab. Called by image.ts, under its lock. */

import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { imageIn, makeOnce } from './image.ts'
import { freeze, PROGRAM_DISK_BYTES, startVm } from './qemu.ts'
import { openSsh } from './ssh.ts'

const BOOT_MS = 180_000

/** What a test would otherwise wait for. Pages that can be read again are dropped: they would only be copied. */
const PREPARE = `
  systemctl is-system-running --wait
  docker import - busybox:local </opt/busybox.tar
  docker run --rm --network none busybox:local true
  modprobe -a iscsi_tcp dm_multipath dm_service_time iscsi_target_mod target_core_iblock target_core_file \
    nfsv3 nfsv4 nfsd xfs
  rm -f /opt/busybox.tar
  sync
  fstrim --all
  blockdev --flushbufs /dev/vdb
  echo 3 >/proc/sys/vm/drop_caches
`

async function bootAndFreeze(directory: string): Promise<void> {
  const { keyFile, rootDisk, arrayDisk, memoryFile, stateFile } = imageIn(directory)
  const program = join(directory, 'program.raw')
  writeFileSync(program, '')
  truncateSync(program, PROGRAM_DISK_BYTES)
  const disks = { root: rootDisk, program, array: arrayDisk, format: 'raw' } as const
  const vm = await startVm({ image: directory, directory, disks, memory: { file: memoryFile } })
  const ssh = openSsh({ port: vm.sshPort, keyFile, directory })
  try {
    await ssh.connect(BOOT_MS)
    const { exitCode, stdout, stderr } = await ssh.ask(`set -e\n${PREPARE}`, { limitMs: BOOT_MS })
    if (exitCode !== 0) throw new Error(`the first machine is not as it should be:\n${stdout}${stderr}`)
    await ssh.disconnect()
    await freeze(vm, stateFile)
  } catch (error) {
    process.stderr.write(`Its console ends with:\n${readFileSync(join(directory, 'console'), 'utf8').slice(-2000)}\n`)
    throw error
  } finally {
    await ssh.disconnect()
    await vm.end()
  }
  for (const name of ['monitor', 'pid', 'qemu.log', 'console', 'program.raw', 'apt.conf']) {
    rmSync(join(directory, name), { force: true })
  }
}

function seconds(begun: number): number {
  return Math.round((performance.now() - begun) / 1000)
}

await makeOnce(async (directory) => {
  const begun = performance.now()
  const note = (what: string) => process.stderr.write(`lab: ${what} (${seconds(begun)} s)\n`)
  note('making the image of its machines')
  execFileSync(join(import.meta.dirname, '../image/build'), [directory], { stdio: ['ignore', 2, 2] })
  note('booting it')
  await bootAndFreeze(directory)
  note('made')
})
