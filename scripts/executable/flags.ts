/**
 * What Node is started with inside the executable; nobody can add to it from outside (`execArgvExtension: none`).
 *
 * Only flags that leave V8's flag hash alone: any other makes Node throw away its own compiled code (13 ms, measured).
 *
 * - old space 256 MiB: ten thousand volumes with room to spare, and an end to a leak before the host feels it
 * - semi-space 1 MiB: what a daemon that mostly waits keeps in the nursery
 * - one worker thread for V8 instead of four
 */
export const NODE_FLAGS = ['--max-old-space-size=256', '--max-semi-space-size=1', '--v8-pool-size=1']
