import { record } from '../../context/record.ts'
import { BatonError } from '../../errors.ts'
import { RefusedActError } from '../../operator/errors.ts'
import type { BlockId, Hash } from '../../protocol/block.ts'
import { reason } from '../../protocol/reason.ts'
import type { Head } from '../../protocol/records.ts'
import { NotAnAncestorError } from '../backfill/errors.ts'
import { observeNode } from '../backfill/observe-node.ts'
import { type Damage, formatDamage } from './classify.ts'
import { RecoveryFailedError } from './errors.ts'
import { type Examined, examine, findAbilities } from './examine.ts'
import { type Method, nextMethod, type Tried } from './ladder.ts'
import { cutTail } from './methods/cut-tail.ts'
import { emptyExecution } from './methods/empty.ts'
import { fill } from './methods/fill.ts'
import { resetDerivation } from './methods/reset-derivation.ts'
import { restart } from './methods/restart.ts'
import { restoreExecution } from './methods/restore.ts'
import { wait } from './methods/wait.ts'
import type { Recovering } from './ports.ts'
import { refuseUnlessOurs } from './quarantine.ts'
import { whileHeard } from './while-heard.ts'

/** A method that was carried out, and what came of it. */
export type Step = { readonly method: Method; readonly outcome: string; readonly ms: number; readonly failed: boolean }

/** How far a recovery is: all that is carried from one method to the next. */
export type Climb = {
  /** When it began (Unix ms). */
  readonly startedAt: number
  /** The lowest height the node was in doubt at. */
  readonly from: bigint
  readonly tried: readonly Tried[]
  readonly steps: readonly Step[]
  /** A genesis that was found to be another chain's. */
  readonly foreign?: Hash
}

/** Where the node stands when nothing is wrong with it any more. */
export type Summit = { readonly head: Head; readonly at: BlockId }

/** More methods than this, waits not counted, mean that none helps. */
const MOST_STEPS = 12
const MOST_MS = 30 * 60_000

/**
 * Looks at the node and carries out the next method against what is found.
 *
 * @returns where it stands, once it stands at the committed head.
 * @throws RecoveryFailedError when no method is left, or it took too long.
 * @throws RefusedActError when the node sequences, or others have it by now.
 */
export async function climbOnce(
  recovering: Recovering,
  climb: Climb,
  onMethod: (method: Method, damage: Damage) => void = () => {},
): Promise<{ readonly climb: Climb; readonly summit?: Summit }> {
  const { ports, node, actor } = recovering
  const { head, damage: found } = await look(recovering)
  const damage: Damage = climb.foreign ? { kind: 'foreign', hash: climb.foreign } : found
  if (damage.kind === 'none') {
    return { climb, summit: summitOf(head, damage.latest) }
  }
  const method = nextMethod(damage, await findAbilities(recovering, { head, damage }), climb.tried)
  const spent = climb.steps.filter((step) => step.method !== 'wait').length >= MOST_STEPS
  if (method === undefined || spent || ports.clock.now() - climb.startedAt > MOST_MS) {
    const why = method ? 'it takes too long' : 'no method is left'
    throw new RecoveryFailedError(node, `${formatDamage(damage)}; ${why}`, formatSteps(climb.steps))
  }
  await refuseUnlessOurs(recovering)
  onMethod(method, damage)
  const began = ports.clock.now()
  const { foreign, ...done } = await whileHeard(recovering, (heard) => attempt(heard, method, { head, damage }))
  const step = { method, ...done, ms: ports.clock.now() - began }
  const reasons = [reason('recovery-step', { method, outcome: step.outcome, ms: step.ms }, node)]
  await record(ports, { what: 'recovery-step', actor, term: head.term, head: head.number, node, reasons })
  const at = 'latest' in damage ? damage.latest.number : 0n
  return {
    climb: {
      startedAt: climb.startedAt,
      // What could not be looked at says nothing about heights.
      from: 'latest' in damage && at < climb.from ? at : climb.from,
      tried: [...climb.tried, { method, kind: damage.kind, at }],
      steps: [...climb.steps, step],
      ...(foreign && { foreign }),
    },
  }
}

/** Where a node stands that stands at the head; it may have taken a block that was committed since. */
export function summitOf(head: Head, latest: BlockId): Summit {
  return { head, at: latest.number > head.number ? { number: head.number, hash: head.hash } : latest }
}

/**
 * Looks what is wrong with a node.
 *
 * @throws RefusedActError when it sequences, or nothing is committed.
 */
export async function look(recovering: Recovering): Promise<Examined> {
  const { ports, node } = recovering
  const { consensus } = await observeNode(ports, node)
  if (consensus.ok && consensus.value.sequencing) {
    throw new RefusedActError(`${node} sequences: it is not touched`, 'move sequencing away first (baton switchover)')
  }
  const examined = await examine(recovering)
  if (examined) return examined
  throw new RefusedActError(
    `chain ${ports.chain.id} has no head: nothing is known to be committed`,
    'start the monitor, or take the chain over with "baton adopt"',
  )
}

/** Carries out one method. Its failure is an outcome like another: what counts is what is seen afterwards. */
async function attempt(recovering: Recovering, method: Method, { damage, head }: Examined) {
  try {
    return { outcome: await carryOut(recovering, method, damage, head), failed: false }
  } catch (error) {
    if (!(error instanceof BatonError)) recovering.ports.log.error('recovery method failed', { method, error })
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    const foreign = error instanceof NotAnAncestorError && error.block.number === 0n ? error.block.hash : undefined
    return { outcome: `failed: ${message}`, failed: true, foreign }
  }
}

function carryOut(recovering: Recovering, method: Method, damage: Damage, head: Head): Promise<string> {
  switch (method) {
    case 'wait':
      return wait(recovering, damage)
    case 'fill':
      return fill(recovering)
    case 'restart-consensus':
      return restart(recovering, 'consensus')
    case 'restart-execution':
      return restart(recovering, 'execution')
    case 'cut-tail':
      if (!('latest' in damage)) throw new Error(`nothing to cut at ${damage.kind}`)
      return cutTail(recovering, head, damage.latest)
    case 'reset-derivation':
      return resetDerivation(recovering)
    case 'restore-execution':
      return restoreExecution(recovering, head)
    case 'empty-execution':
      return emptyExecution(recovering, head)
  }
}

/** The methods of a recovery as people read them. */
export function formatSteps(steps: readonly Step[]): string {
  if (steps.length === 0) return 'nothing'
  return steps.map(({ method, failed }) => (failed ? `${method} (failed)` : method)).join(', ')
}
