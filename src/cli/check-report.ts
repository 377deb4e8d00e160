/** What `netappdvp check` prints. */

import type { Finding } from '../config/finding.ts'

/** A line a finding for people, or one JSON document. */
export function report(findings: readonly Finding[], json: boolean): string {
  const ok = findings.every(({ level }) => level !== 'error')
  if (json) return `${JSON.stringify({ ok, findings }, undefined, 2)}\n`
  return findings.map(line).join('')
}

const LEVEL_WIDTH = 'warning'.length

function line({ level, subject, message, remedy }: Finding): string {
  return `${level.padEnd(LEVEL_WIDTH)}  ${subject}: ${message}${remedy === undefined ? '' : ` ${remedy}`}\n`
}
