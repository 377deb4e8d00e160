/** A program that logs to a file it may not make larger than 8 KiB, then may: a full disk that is cleared. */

import { execFileSync } from 'node:child_process'
import { openLog } from '../../src/daemon/logging.ts'

const log = await openLog({ file: process.argv[2]!, level: 'info', format: 'text', console: true })
log.info('first')
await log.flush()
log.info('x'.repeat(20_000))
await log.flush()
log.info('no room')
await log.flush()
execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited'])
log.info('room again')
await log.close()
