/** Whether anyone answers on the plugin's socket, and on Docker's. */

import { connect } from 'node:net'
import type { Finding } from '../config/finding.ts'
import { holderOf } from '../daemon/socket-holder.ts'
import { errnoOf } from '../errors.ts'

/** A plugin that runs already is good news here; starting a second one is what the daemon refuses. */
export async function checkPluginSocket(path: string): Promise<Finding> {
  const answer = await knock(path)
  if (answer === 'ENOENT') return { level: 'ok', subject: path, message: 'Free: no plugin of this name runs.' }
  if (answer === 'answered') {
    const holder = await holderOf(path).catch(() => undefined)
    const who = holder ? `process ${holder.pid} (${holder.command})` : 'a process'
    return { level: 'ok', subject: path, message: `Served by ${who}.` }
  }
  if (answer === 'ECONNREFUSED') {
    return {
      level: 'warning',
      subject: path,
      message: 'Left over: nobody answers on it.',
      remedy: 'Start the plugin; it replaces the socket.',
    }
  }
  return {
    level: 'error',
    subject: path,
    message: `Cannot be connected to (${answer}).`,
    remedy: 'Move away what is there, or stop what holds it.',
  }
}

export async function checkDocker(path: string): Promise<Finding> {
  const answer = await knock(path)
  if (answer === 'answered') return { level: 'ok', subject: 'Docker', message: `Docker answers on ${path}.` }
  return {
    level: 'warning',
    subject: 'Docker',
    message: `Docker does not answer on ${path} (${answer}).`,
    remedy: 'Start Docker; until then nothing will ask the plugin for volumes.',
  }
}

const PATIENCE_MS = 2_000

/** `answered` when somebody accepts the connection, else the system's name for why not. */
function knock(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    const end = (answer: string) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(PATIENCE_MS, () => end('ETIMEDOUT'))
    socket.once('connect', () => end('answered'))
    socket.once('error', (error) => end(errnoOf(error) ?? 'unknown'))
  })
}
