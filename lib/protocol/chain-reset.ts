import type { Hash } from './block.ts'
import type { View } from './decision.ts'
import { type Reason, reason } from './reason.ts'

/**
 * The nodes have agreed on a genesis, and it is not the one of the records: a devnet was deleted and set up again under
 * its id, or the configuration leads to another chain. Head, archive and history say nothing about that chain.
 * `undefined` while any node is proved to be ours, or while too few answer.
 */
export function chainReset({ nodes, observed, genesis }: View): Reason | undefined {
  const standings = nodes.flatMap(({ name }) => observed[name]?.identity ?? [])
  if (genesis === undefined || standings.some(({ consensus, execution }) => [consensus, execution].includes('proved')))
    return undefined
  const found = standings.flatMap(({ hard }) => hard.find(({ code }) => code === 'other-genesis')?.evidence.hash ?? [])
  const [hash] = found
  if (hash === undefined || found.some((each) => each !== hash) || found.length * 2 <= nodes.length) return undefined
  return reason('chain-reset', { hash, expected: genesis })
}

/** The genesis to record with a renewal: that of the leader, once it is proved to be one of a quorum. */
export function provedGenesis({
  head,
  observed,
  genesis,
}: Pick<View, 'head' | 'observed' | 'genesis'>): Hash | undefined {
  return head && observed[head.leader]?.identity?.execution === 'proved' ? genesis : undefined
}
