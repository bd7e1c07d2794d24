import type { ChainPorts } from '../../context/ports.ts'
import { leadsByCommit } from '../../protocol/outcome.ts'
import type { Head, NodeName } from '../../protocol/records.ts'
import { NotVerifiedError } from '../engine/errors.ts'

const WITHIN_MS = 10_000
const EVERY_MS = 200

/**
 * Waits for two more commits of the current leader in its own term.
 *
 * @returns the head with the second commit.
 * @throws NotVerifiedError when they do not arrive, or another node than `to` holds the head.
 */
export async function verify({ chain, heads, clock }: ChainPorts, to: NodeName | undefined): Promise<Head> {
  const until = clock.now() + WITHIN_MS
  const first = await heads.read(chain.id)
  if (!first) throw new NotVerifiedError('the chain has no head')
  for (let head = first; ; head = (await heads.read(chain.id)) ?? head) {
    const { leader, term, number } = head
    if (to !== undefined && leader !== to) throw new NotVerifiedError(`${leader} holds the head, not ${to}`)
    if (term !== first.term) throw new NotVerifiedError(`the term changed from ${first.term} to ${term}`)
    if (leadsByCommit(head) && number >= first.number + 2n) return head
    if (clock.now() > until) {
      throw new NotVerifiedError(`${leader} committed ${number - first.number} blocks in ${WITHIN_MS / 1000} s`)
    }
    await clock.sleep(EVERY_MS)
  }
}
