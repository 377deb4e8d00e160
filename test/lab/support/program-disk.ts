/** The disk on which a machine finds what scripts/install puts in place: the executable, units, examples. */

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../house/tree.ts'
import { PROGRAM_DISK_BYTES } from './qemu.ts'

const PARTS = [
  'dist/netappdvp',
  'dist/LICENSES.txt',
  'systemd',
  'etc-netappdvp',
  'scripts/install',
  'scripts/uninstall',
  'README.md',
]

/** Empty as long as there is no executable. @returns its path */
export function makeProgramDisk(directory: string): string {
  const disk = join(directory, 'program.raw')
  writeFileSync(disk, '')
  truncateSync(disk, PROGRAM_DISK_BYTES)
  const tree = join(directory, 'program')
  mkdirSync(tree)
  for (const part of PARTS) {
    if (existsSync(join(root, part))) cpSync(join(root, part), join(tree, part), { recursive: true })
  }
  execFileSync('mkfs.ext4', ['-q', '-F', '-O', '^has_journal', '-m', '0', '-d', tree, disk])
  rmSync(tree, { recursive: true })
  return disk
}
