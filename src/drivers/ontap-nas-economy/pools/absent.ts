/**
 * Qtrees of FlexVols that are not online: the array does not list them then, and they are there all the same. Taken for
 * gone, they would be made again, empty, and their users would not know.
 */

import type { OntapQtree } from '../../../backends/ontap/ontap.ts'

export class Absent {
  /** By FlexVol, as last seen; those in which nothing ever was have none. */
  readonly #seen = new Map<string, ReadonlyMap<string, OntapQtree>>()
  /** FlexVols all of whose qtrees were listed at some time. */
  readonly #listed = new Set<string>()

  /** @param qtrees all that are listed now */
  rememberAll(qtrees: readonly OntapQtree[]): void {
    for (const [pool, own] of Map.groupBy(qtrees, ({ volume }) => volume)) {
      this.#seen.set(pool, new Map(own.map((qtree) => [qtree.name, qtree])))
      this.#listed.add(pool)
    }
  }

  /** @param qtrees some of those that are there now */
  remember(qtrees: readonly OntapQtree[]): void {
    for (const qtree of qtrees) {
      this.#seen.set(qtree.volume, new Map([...(this.#seen.get(qtree.volume) ?? []), [qtree.name, qtree]]))
    }
  }

  /** FlexVols of which something was seen once, and of which nothing is now. */
  missingIn(qtrees: readonly OntapQtree[]): readonly string[] {
    const listed = new Set(qtrees.map(({ volume }) => volume))
    return [...this.#seen.keys()].filter((pool) => !listed.has(pool))
  }

  in(pool: string): readonly OntapQtree[] {
    return [...(this.#seen.get(pool)?.values() ?? [])]
  }

  named(name: string): readonly OntapQtree[] {
    return [...this.#seen.values()].flatMap((own) => own.get(name) ?? [])
  }

  /** Whether what is not remembered is not in there. */
  knows(pool: string): boolean {
    return this.#listed.has(pool)
  }

  forget(pool: string): void {
    this.#seen.delete(pool)
    this.#listed.delete(pool)
  }

  forgetQtree({ volume, name }: Pick<OntapQtree, 'volume' | 'name'>): void {
    const others = [...(this.#seen.get(volume) ?? [])].filter(([other]) => other !== name)
    if (this.#seen.has(volume)) this.#seen.set(volume, new Map(others))
  }
}
