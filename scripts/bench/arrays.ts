/** The drivers that are measured, and on which arrays. */

import type { ArrayBench } from './array.ts'

const SVM = { username: 'vsadmin', password: 'netapp1!', insecureSkipVerify: true }

export const BENCHES: readonly ArrayBench[] = [
  element(1_000),
  element(10_000),
  nas('9.15.1', 1_000),
  nas('9.15.1', 10_000),
  nas('9.11.1', 10_000),
  economy('9.15.1', 2_000),
  economy('9.11.1', 2_000),
]

function element(volumes: number): ArrayBench {
  const login = { SVIP: '127.0.0.1:3260', TenantName: 'bench', insecureSkipVerify: true }
  return {
    driver: 'solidfire-san',
    simulate: ['element', '--account', 'bench', '--volumes', String(volumes)],
    config: (address) => ({ Endpoint: `https://admin:admin@${address}/json-rpc/12.0`, ...login }),
    volumes,
    nameOf: (index) => `bench-${index}`,
    size: '1',
  }
}

/** 9.15.1 is spoken to by REST, 9.11.1 by ZAPI. */
function nas(release: string, volumes: number): ArrayBench {
  return {
    driver: 'ontap-nas',
    simulate: ['ontap', '--release', release, '--volumes', String(volumes), '--job-ms', '0'],
    config: (managementLIF) => ({ managementLIF, ...SVM }),
    volumes,
    nameOf: (index) => `bench_${index}`,
    size: '20m',
  }
}

function economy(release: string, volumes: number): ArrayBench {
  return {
    driver: 'ontap-nas-economy',
    simulate: ['ontap', '--release', release, '--qtrees', String(volumes), '--job-ms', '0'],
    config: (managementLIF) => ({ managementLIF, ...SVM }),
    volumes,
    nameOf: (index) => `bench_${index}`,
    size: '20m',
  }
}
