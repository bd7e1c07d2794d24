import type { ChainPorts } from '../../../context/ports.ts'
import { readOutcome } from '../../../operator/switchover-once.ts'
import type { Outcome } from '../../../protocol/outcome.ts'
import { formatOutcome } from '../../../text/outcome.ts'
import { InvalidInputError } from '../../engine/errors.ts'
import type { StepInput } from './input.ts'

/** What came of a request so far. */
export type Watched = {
  readonly done: boolean
  /** As the state machine knows it. */
  readonly outcome: (typeof known)[Outcome['outcome']]
  /** What came of it, in a sentence. */
  readonly message: string
  readonly leader: string
  readonly term: number
}

/** The state machine has an end for each of four outcomes. */
const known = {
  pending: 'pending',
  moved: 'committed',
  refused: 'refused',
  withdrawn: 'refused',
  'rolled-back': 'rolled-back',
  overtaken: 'rolled-back',
} as const satisfies Record<Outcome['outcome'], string>

/** Looks at what came of a request. */
export async function watch(ports: ChainPorts, { id, term: asked, to, from }: StepInput): Promise<Watched> {
  if (id === undefined || asked === undefined) throw new InvalidInputError(['id, term: are what "request" returned'])
  const request = { id, term: asked, ...(to !== undefined && { to }), ...(from !== undefined && { from }) }
  const came = await readOutcome(ports, request)
  const head = await ports.heads.read(ports.chain.id)
  const { leader = '', term = 0 } = 'leader' in came ? came : (head ?? {})
  const outcome = known[came.outcome]
  return { done: outcome !== 'pending', outcome, message: formatOutcome(request, came), leader, term }
}
