import type { ChainPorts } from '../../../context/ports.ts'
import { InvalidInputError } from '../../engine/errors.ts'
import type { StepInput } from './input.ts'

/** What came of a request so far. */
export type Watched = {
  readonly done: boolean
  /** `rolled-back`: the target was granted and did not commit; `leader` says who goes on. */
  readonly outcome: 'pending' | 'committed' | 'refused' | 'rolled-back'
  readonly leader: string
  readonly term: number
}

/**
 * Looks at what came of a request. Committed means that the new leader committed a block of its own
 * term, not that it was granted or started.
 */
export async function watch(
  { chain, leases, heads }: ChainPorts,
  { id, term: asked, to }: StepInput,
): Promise<Watched> {
  if (id === undefined || asked === undefined) throw new InvalidInputError(['id, term: are what "request" returned'])
  const lease = await leases.read(chain.id)
  const head = await heads.read(chain.id)
  const leader = head?.leader ?? ''
  const term = head?.term ?? 0
  const now = (outcome: Watched['outcome']): Watched => ({ done: outcome !== 'pending', outcome, leader, term })
  if (!lease || !head || lease.switchover?.id === id) return now('pending')
  if (lease.term === asked) return now('refused')
  if (head.term !== lease.term || head.committedTerm !== lease.term) return now('pending')
  return now(lease.cause.id === id || leader === to ? 'committed' : 'rolled-back')
}
