import type { Ending } from './plan.ts'
import type { Trouble } from './trouble.ts'
import { TROUBLES_AROUND } from './troubles-around.ts'
import { TROUBLES_OF_L1 } from './troubles-of-l1.ts'
import { TROUBLES_OF_NODES } from './troubles-of-nodes.ts'
import { TROUBLES_OF_OPERATORS } from './troubles-of-operators.ts'

export type { Scene, Trouble } from './trouble.ts'

/** Every trouble by its name. */
export const TROUBLES: Readonly<Record<Exclude<Ending, 'grown'>, Trouble>> = {
  ...TROUBLES_AROUND,
  ...TROUBLES_OF_NODES,
  ...TROUBLES_OF_OPERATORS,
  ...TROUBLES_OF_L1,
}
