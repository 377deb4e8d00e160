/** The monitor of a running qemu: its QMP socket, one JSON object a line. */

import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

export interface Monitor {
  /** One command of QMP. @throws Error with what qemu found wrong */
  ask(command: string, args?: object): Promise<unknown>
  /** One command as people type it. @returns what it printed */
  say(line: string): Promise<string>
  /** The next event of this name. @throws when it does not come within `limitMs` */
  event(name: string, limitMs: number): Promise<void>
  close(): void
}

interface Message {
  readonly return?: unknown
  readonly error?: { readonly desc: string }
  readonly event?: string
}

export async function openMonitor(socketPath: string): Promise<Monitor> {
  const socket = connect(socketPath)
  await once(socket, 'connect')
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = []
  const events = new EventEmitter()
  const fail = () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('qemu has closed its monitor'))
  }
  socket.on('error', fail).on('close', fail)
  const lines = createInterface(socket).on('error', fail)
  lines.on('line', (line) => {
    const message = JSON.parse(line) as Message
    if (message.event) events.emit(message.event)
    else if (message.error) waiting.shift()?.reject(new Error(message.error.desc))
    else if ('return' in message) waiting.shift()?.resolve(message.return)
  })

  const monitor: Monitor = {
    ask: (command, args = {}) =>
      new Promise((resolve, reject) => {
        if (socket.closed) return reject(new Error('qemu has closed its monitor'))
        waiting.push({ resolve, reject })
        socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`)
      }),
    say: async (line) => String(await monitor.ask('human-monitor-command', { 'command-line': line })),
    async event(name, limitMs) {
      await once(events, name, { signal: AbortSignal.timeout(limitMs) }).catch(() => {
        throw new Error(`no ${name} within ${limitMs} ms`)
      })
    },
    close: () => socket.destroy(),
  }
  await monitor.ask('qmp_capabilities')
  return monitor
}
