/** Parts of a Markdown file that are printed: `<!-- printed: errors -->` to `<!-- end of errors -->`. */

/** @throws Error when a block is not in the text, or the text has one that nobody prints */
export function replaceBlocks(text: string, blocks: ReadonlyMap<string, string>): string {
  const missing = new Set(blocks.keys())
  const replaced = text.replace(BLOCK, (_, name: string) => {
    const block = blocks.get(name)
    if (block === undefined) throw new Error(`Nobody prints "${name}".`)
    missing.delete(name)
    return `<!-- printed: ${name} -->\n${block}\n<!-- end of ${name} -->`
  })
  if (missing.size > 0) throw new Error(`There is no place for: ${[...missing].join(', ')}.`)
  return replaced
}

const BLOCK = /<!-- printed: (.+?) -->[\s\S]*?<!-- end of \1 -->/g
