/** What the files of this folder work with. */

import type { Run } from '../../run.ts'
import { type Iscsiadm, iscsiadm } from './iscsiadm.ts'
import { type MultipathTools, multipathTools } from './multipath.ts'
import type { Patience, Places } from './places.ts'

export interface IscsiTools {
  readonly run: Run
  readonly places: Places
  readonly patience: Patience
  readonly iscsiadm: Iscsiadm
  readonly multipath: MultipathTools
}

export function iscsiTools(run: Run, places: Places, patience: Patience): IscsiTools {
  return { run, places, patience, iscsiadm: iscsiadm(run), multipath: multipathTools(run) }
}
