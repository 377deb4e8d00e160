/** Calls of ONC RPC to daemons of this machine, each of one packet. */

import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/**
 * Calls a procedure whose arguments and results are whole numbers.
 *
 * @returns the results; `refused` when nobody is there or the call is not served; `silent` when no answer comes in time
 * @see RFC 5531, sections 8 and 9
 */
export async function callLocal(
  port: number,
  procedure: Procedure,
  limitMs: number,
): Promise<readonly number[] | 'refused' | 'silent'> {
  const socket = createSocket('udp4')
  const signal = AbortSignal.timeout(limitMs)
  try {
    const connected = once(socket, 'connect', { signal })
    socket.connect(port, '127.0.0.1')
    await connected
    const answered = once(socket, 'message', { signal })
    const id = randomInt(2 ** 32)
    socket.send(wordsToBytes([id, CALL, RPC_VERSION, ...headOf(procedure), ...NO_CREDENTIALS, ...procedure.args]))
    const [message] = (await answered) as [Buffer]
    return resultsIn(bytesToWords(message), id)
  } catch {
    return signal.aborted ? 'silent' : 'refused'
  } finally {
    socket.close()
  }
}

export interface Procedure {
  readonly program: number
  readonly version: number
  readonly procedure: number
  readonly args: readonly number[]
}

const CALL = 0
const RPC_VERSION = 2
/** A credential and a verifier, both AUTH_NONE and of no length. */
const NO_CREDENTIALS = [0, 0, 0, 0]
/** REPLY, MSG_ACCEPTED, a verifier as above, SUCCESS. */
const DONE = [1, 0, 0, 0, 0]

function headOf({ program, version, procedure }: Procedure): readonly number[] {
  return [program, version, procedure]
}

function resultsIn(words: readonly number[], id: number): readonly number[] | 'refused' {
  const isDone = [id, ...DONE].every((word, index) => words[index] === word)
  return isDone ? words.slice(1 + DONE.length) : 'refused'
}

function wordsToBytes(words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * words.length)
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, 4 * index)
  return bytes
}

function bytesToWords(bytes: Buffer): readonly number[] {
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readUInt32BE(4 * index))
}
