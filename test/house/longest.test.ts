/** For talk, not for red: which files and functions are longest. `node --test test/house/longest.test.ts` prints them. */

import { test } from 'node:test'
import { read, sourcesIn } from './tree.ts'

const MOST = 10

interface Length {
  readonly what: string
  readonly lines: number
}

const paths = ['bin', 'src', 'scripts', 'test'].flatMap(sourcesIn)

test('the ten longest files', (t) => {
  print(
    t,
    paths.map((path) => ({ what: path, lines: read(path).split('\n').length - 1 })),
  )
})

test('the ten longest functions', (t) => print(t, paths.flatMap(functionsOf)))

function print(t: { diagnostic(message: string): void }, lengths: readonly Length[]): void {
  const longest = lengths.toSorted((a, b) => b.lines - a.lines).slice(0, MOST)
  for (const { what, lines } of longest) t.diagnostic(`${String(lines).padStart(4)}  ${what}`)
}

/** A declaration or method whose body begins on this line, or a declaration whose parameters do. */
const HEAD =
  /^( {0,4})(?:export )?(?:default )?(?:static )?(?:async )?(function\*? )?([A-Za-z#][\w#]*)(?:<.*?>)?\((?:.*\{)?$/

/** By the indentation that the formatter gives: a function ends at the first `}` below it that stands as far left. */
function functionsOf(path: string): readonly Length[] {
  const lines = read(path).split('\n')
  return lines.flatMap((line, begin) => {
    const [, indent = '', keyword, name = ''] = HEAD.exec(line) ?? []
    const isMethod = /\)(?:: .*)? \{$/.test(line) && !STATEMENTS.includes(name)
    if (name === '' || (keyword === undefined && !isMethod)) return []
    const end = lines.findIndex((other, index) => index > begin && new RegExp(`^${indent}\\}[,;)]*$`).test(other))
    return end < 0 ? [] : [{ what: `${path}:${begin + 1}  ${name}`, lines: end - begin + 1 }]
  })
}

const STATEMENTS = ['if', 'for', 'while', 'switch', 'catch', 'with']
