import type { ChainPorts } from '../../../context/ports.ts'
import { leadsByCommit } from '../../../protocol/outcome.ts'
import { NotVerifiedError } from '../../engine/errors.ts'
import type { StepInput } from './input.ts'

/** A chain that goes on under its new leader. */
export type Verified = { readonly leader: string; readonly term: number; readonly number: string }

const PATIENCE_MS = 10_000
const EVERY_MS = 200

/**
 * Waits for two more commits of the present leader in its own term.
 *
 * @throws NotVerifiedError when they do not come, or another node than `to` holds the head.
 */
export async function verify({ chain, heads, clock }: ChainPorts, { to }: StepInput): Promise<Verified> {
  const until = clock.now() + PATIENCE_MS
  const first = await heads.read(chain.id)
  if (!first) throw new NotVerifiedError('the chain has no head')
  for (let head = first; ; head = (await heads.read(chain.id)) ?? head) {
    const { leader, term, number } = head
    if (to !== undefined && leader !== to) throw new NotVerifiedError(`${leader} holds the head, not ${to}`)
    if (term !== first.term) throw new NotVerifiedError(`the term went on from ${first.term} to ${term}`)
    if (leadsByCommit(head) && number >= first.number + 2n) return { leader, term, number: String(number) }
    if (clock.now() > until) {
      throw new NotVerifiedError(`${leader} committed ${number - first.number} blocks in ${PATIENCE_MS / 1000} s`)
    }
    await clock.sleep(EVERY_MS)
  }
}
