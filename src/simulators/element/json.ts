/** Text of replies. Ten thousand volumes are listed often and change seldom, so each keeps its text. */

import type { View } from './views.ts'

const texts = new WeakMap<View, string>()

/** JSON of a result whose member `volumes` may be a list of views. */
export function resultText(result: View): string {
  const { volumes, ...rest } = result
  if (!isViews(volumes)) return JSON.stringify(result)
  const others = JSON.stringify(rest).slice(1, -1)
  return `{${others}${others === '' ? '' : ','}"volumes":[${volumes.map(textOf).join(',')}]}`
}

function isViews(volumes: unknown): volumes is readonly View[] {
  return Array.isArray(volumes) && typeof volumes[0] === 'object'
}

function textOf(view: View): string {
  const text = texts.get(view) ?? JSON.stringify(view)
  texts.set(view, text)
  return text
}
