/** What the bundle has in place of modules that a start would pay for and the daemon never runs. */

import type { Plugin } from 'esbuild'

/** Fastify asks for these only where we give it something else (compilersFactory, logger: false) or never do it. */
const ABSENT = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request', 'pino']

/**
 * Modules that libraries ask for at load and may never use; measured: https and http2 5 ms and 1 MB, semver 3 ms,
 * assert and dns 1 ms each. (Fastify asks semver only about plugins that name the Fastify they are for.)
 */
const LAZY = ['http2', 'https', 'node:http2', 'node:https', 'node:assert', 'node:dns', 'semver']

/**
 * undici without fetch, WebSocket, caches and mocks. Names that are not here are missing from the executable.
 * The method mix-in is what undici's index does for request, stream and so on.
 */
const UNDICI = `
  Object.assign(require('undici/lib/dispatcher/dispatcher.js').prototype, require('undici/lib/api'))
  exports.Agent = require('undici/lib/dispatcher/agent.js')
  exports.Client = require('undici/lib/dispatcher/client.js')
  exports.Pool = require('undici/lib/dispatcher/pool.js')
  exports.buildConnector = require('undici/lib/core/connect.js')
  exports.errors = require('undici/lib/core/errors.js')
`

/** Three modules make an Intl.Segmenter of it at load; help texts are plain, apart from colours. */
const STRING_WIDTH = `
  export default (text) => String(text).replace(/\\u001b\\[[0-9;]*m/g, '').length
`

export function standIns(root: string): Plugin {
  return {
    name: 'stand-ins',
    setup(build) {
      build.onResolve({ filter: oneOf(ABSENT) }, ({ path }) => ({ path, namespace: 'absent' }))
      build.onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`${path} is not part of the executable`)})`,
      }))

      build.onResolve({ filter: oneOf(LAZY) }, ({ path, kind, namespace }) =>
        kind === 'require-call' && namespace !== 'lazy' ? { path, namespace: 'lazy' } : null,
      )
      build.onLoad({ filter: /./, namespace: 'lazy' }, ({ path }) => ({
        contents: `
          const load = () => require('${path}')
          module.exports = new Proxy(() => {}, {
            apply: (_, self, args) => load().apply(self, args),
            get: (_, name) => load()[name],
            has: (_, name) => name in load(),
          })
        `,
        resolveDir: root,
      }))

      build.onResolve({ filter: /^(undici|string-width)$/ }, ({ path }) => ({ path, namespace: 'slim' }))
      build.onLoad({ filter: /./, namespace: 'slim' }, ({ path }) => ({
        contents: path === 'undici' ? UNDICI : STRING_WIDTH,
        resolveDir: root,
      }))
    },
  }
}

function oneOf(names: readonly string[]): RegExp {
  return new RegExp(`^(${names.join('|')})$`)
}
