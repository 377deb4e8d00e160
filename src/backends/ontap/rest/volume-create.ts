/** Making a new volume, by REST. */

import { type Context, unwaited } from '../../../context.ts'
import type { NewOntapVolume, OntapRelease, OntapSvm, OntapVolume, OntapVolumes } from '../ontap.ts'
import type { RestClient } from './client.ts'
import { created, creation } from './volume-bodies.ts'
import { hasSnapshotDirectory } from './volume-fields.ts'
import { anothers, makeVolume, noneMade } from './volume-making.ts'

type Verbs = Pick<OntapVolumes, 'find' | 'change'>

export function restCreate(
  client: RestClient,
  svm: OntapSvm,
  release: OntapRelease,
  { find, change }: Verbs,
): OntapVolumes['create'] {
  /** The volume that was made when the array does not tell which. Its comment is ours, and nobody else's is. */
  async function foundMade(ctx: Context, { name, comment }: NewOntapVolume): Promise<OntapVolume> {
    const found = await find(unwaited(ctx), name)
    if (found?.comment === comment) return found
    throw found === undefined ? noneMade(client.address, name) : anothers(client.address, name)
  }

  return async (ctx, volume) => {
    const uuid = await makeVolume(client, ctx, creation(svm, release, volume))
    const made = uuid === undefined ? await foundMade(ctx, volume) : created(volume, uuid)
    // Arrays show `.snapshot` unless told, which older ones cannot be as they make a volume.
    if (!volume.snapshotDirectory && !hasSnapshotDirectory(release)) {
      await change(unwaited(ctx), made, { snapshotDirectory: false })
    }
    return made
  }
}
