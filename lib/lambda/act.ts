import * as v from 'valibot'
import type { ChainPorts } from '../context/ports.ts'
import { chainId, choice, natural, nodeName, text, widgetContext } from '../operations/engine/inputs.ts'
import { adopt } from '../operator/adopt.ts'
import { configuredNode } from '../operator/configured-node.ts'
import { formatMet, hold, pause, resume } from '../operator/modes.ts'
import { setQuarantine } from '../operator/quarantine.ts'
import { cancelSwitchover, switchover } from '../operator/switchover.ts'
import type { Lease } from '../protocol/records.ts'
import { expectTerm } from './expect-term.ts'

/** What an operator asks for, whatever tool sends it. */
export const actInput = v.object({
  act: v.picklist(
    ['pause', 'resume', 'hold', 'switchover', 'withdraw', 'quarantine', 'release', 'adopt'],
    'must be pause, resume, hold, switchover, withdraw, quarantine, release or adopt',
  ),
  chain: chainId,
  /** Where to, for `switchover` (empty = the best standby), and `adopt`. */
  to: nodeName,
  /** Which node, for `quarantine` and `release`. */
  node: nodeName,
  why: text,
  notBefore: natural,
  force: choice,
  by: text,
  expectedTerm: natural,
  widgetContext: v.optional(widgetContext),
})

/** A checked {@link actInput}. */
export type ActInput = v.InferOutput<typeof actInput>

/** What an act came to. */
export type Done = { readonly message: string; readonly chain: string; readonly leader: string; readonly term: number }

/**
 * Carries out an operator's act and records who asked for it. With `expectedTerm` only if the term
 * is still that one.
 *
 * @throws RefusedActError | TermChangedError when nothing was changed.
 * @throws StoreUnavailableError
 */
export async function perform(every: ChainPorts, input: ActInput): Promise<Done> {
  const ports = expectTerm(every, input.expectedTerm)
  const by = nameAsker(input)
  const { to, why, notBefore, force } = input
  const done = (message: string, { leader, term }: Pick<Lease, 'leader' | 'term'>): Done => {
    return { message, chain: ports.chain.id, leader, term }
  }
  switch (input.act) {
    case 'pause': {
      const lease = await pause(ports, by)
      return done(`Baton is paused, by ${by}${formatMet(lease)}`, lease)
    }
    case 'resume': {
      const lease = await resume(ports, by)
      return done(`Baton acts by itself again, by ${by}${formatMet(lease)}`, lease)
    }
    case 'hold': {
      const lease = await hold(ports, by)
      return done(`sequencing is pinned to ${lease.leader}, by ${by}${formatMet(lease)}`, lease)
    }
    case 'switchover': {
      const asked = { by, force, ...(to !== undefined && { to }), ...(notBefore !== undefined && { notBefore }) }
      const lease = await switchover(ports, asked)
      return done(`a switchover to ${to ?? 'the best standby'} is asked for, by ${by}`, lease)
    }
    case 'withdraw':
      return done(`the pending switchover is withdrawn, by ${by}`, await cancelSwitchover(ports, by))
    case 'quarantine': {
      const { name: node } = configuredNode(ports.nodes, input.node ?? '')
      const lease = await setQuarantine(ports, node, why ?? 'no reason was given', by)
      return done(`${node} is taken out, by ${by}`, lease)
    }
    case 'release': {
      const { name: node } = configuredNode(ports.nodes, input.node ?? '')
      return done(`${node} is put back, by ${by}`, await setQuarantine(ports, node, undefined, by))
    }
    case 'adopt': {
      const { name: node } = configuredNode(ports.nodes, to ?? '')
      const { number, hash } = await adopt(ports, { to: node, by })
      return done(`adopted at block ${number} ${hash}; ${node} goes on, by ${by}`, { leader: node, term: 0 })
    }
  }
}

/** A widget does not tell who looks at it: who acts may write a name, which nobody verifies. CloudTrail knows better. */
function nameAsker({ by, widgetContext: context }: ActInput): string {
  if (!context) return by ?? 'an operator without a name'
  const written = v.safeParse(text, context.forms?.all?.by)
  const name = written.success ? written.output : undefined
  return `${name ?? by ?? 'somebody'} (dashboard of ${context.accountId ?? 'the account'})`
}
