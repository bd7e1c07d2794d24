import { type Explored, explore } from './explore.ts'
import type { Kind } from './pending.ts'
import type { Scope } from './scope.ts'
import type { Dropped } from './tables.ts'

/** Every condition of every write that an exploration meets. */
export function conditionsOf({ explorer }: Explored): Dropped[] {
  const { conjuncts } = explorer.tables
  return [...conjuncts].flatMap(([kind, all]: [Kind, ReadonlySet<string>]) =>
    [...all].map((conjunct) => ({ kind, conjunct })),
  )
}

/** The first of these explorations that notices that a condition is gone; `undefined` = none does. */
export async function noticed(
  dropped: Dropped,
  scopes: readonly Scope[],
  states: number,
): Promise<Explored | undefined> {
  for (const scope of scopes) {
    const explored = await explore(scope, { dropped, states })
    if (explored.broken) return explored
  }
  return undefined
}

export const nameOf = ({ kind, conjunct }: Dropped): string => `${kind}: ${conjunct}`
