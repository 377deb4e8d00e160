/** What things may be called. */

import { ArrayFault } from '../faults.ts'
import {
  LONGEST_FLEXGROUP_NAME,
  LONGEST_POLICY_NAME,
  LONGEST_QTREE_NAME,
  LONGEST_SNAPSHOT_NAME,
  LONGEST_VOLUME_NAME,
} from '../limits.ts'

/** Letters, digits and `_`, no digit first. @throws ArrayFault name-too-long | name-bad-start | bad-name */
export function checkVolumeName(name: string, style: 'flexvol' | 'flexgroup'): void {
  const longest = style === 'flexvol' ? LONGEST_VOLUME_NAME : LONGEST_FLEXGROUP_NAME
  if (name.length > longest) throw new ArrayFault('name-too-long', { what: 'volume', name, longest })
  if (!/^[A-Za-z_]/.test(name)) throw new ArrayFault('name-bad-start', { what: 'volume', name })
  if (!/^\w+$/.test(name)) throw new ArrayFault('bad-name', { what: 'volume', name })
}

/** @throws ArrayFault default-qtree | name-too-long | bad-name */
export function checkQtreeName(name: string): void {
  if (name === '') throw new ArrayFault('default-qtree', { volume: '' })
  if (name.length > LONGEST_QTREE_NAME) {
    throw new ArrayFault('name-too-long', { what: 'qtree', name, longest: LONGEST_QTREE_NAME })
  }
  if (/[/\s"*?]/.test(name) || name === '.' || name === '..') throw new ArrayFault('bad-name', { what: 'qtree', name })
}

/** @throws ArrayFault name-too-long | bad-name */
export function checkSnapshotName(name: string): void {
  if (name.length > LONGEST_SNAPSHOT_NAME) {
    throw new ArrayFault('name-too-long', { what: 'snapshot', name, longest: LONGEST_SNAPSHOT_NAME })
  }
  if (name === '' || /[/\s"*|,]/.test(name) || name.startsWith('.')) {
    throw new ArrayFault('bad-name', { what: 'snapshot', name })
  }
}

/** @throws ArrayFault name-too-long | bad-name */
export function checkPolicyName(name: string): void {
  if (name.length > LONGEST_POLICY_NAME) {
    throw new ArrayFault('name-too-long', { what: 'export policy', name, longest: LONGEST_POLICY_NAME })
  }
  if (name === '' || /\s/.test(name)) throw new ArrayFault('bad-name', { what: 'export policy', name })
}
