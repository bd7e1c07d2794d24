import { record } from '../../context/record.ts'
import { BatonError } from '../../errors.ts'
import { RefusedActError } from '../../operator/errors.ts'
import type { BlockId, Hash } from '../../protocol/block.ts'
import { reason } from '../../protocol/reason.ts'
import type { Head } from '../../protocol/records.ts'
import { NotAnAncestorError } from '../backfill/errors.ts'
import { observeNode } from '../backfill/ports.ts'
import { nextRemedy, type Remedy, type Tried } from './choose-remedy.ts'
import { type Damage, formatDamage } from './classify.ts'
import { RecoveryFailedError } from './errors.ts'
import { type Examined, examine, findAbilities } from './examine.ts'
import type { Recovering } from './ports.ts'
import { refuseUnlessOurs, whileAtWork } from './quarantine.ts'
import { cutTail, emptyExecution, fill, resetDerivation, restart, restoreExecution, wait } from './remedies.ts'

/** An attempted remedy and its outcome. */
export type Step = { readonly method: Remedy; readonly outcome: string; readonly ms: number; readonly failed: boolean }

/** How far a recovery has come: the state passed from one attempt to the next. */
export type Attempts = {
  /** When it began (Unix ms). */
  readonly startedAt: number
  /** The lowest height in doubt on this node. */
  readonly from: bigint
  readonly tried: readonly Tried[]
  readonly steps: readonly Step[]
  /** A genesis that proved to belong to another chain. */
  readonly foreign?: Hash
}

/** The position of a node without damage. */
export type Restored = { readonly head: Head; readonly at: BlockId }

/** More attempts than this, waits not counted, mean that nothing helps. */
const MOST_STEPS = 12
const MOST_MS = 30 * 60_000

/**
 * Examines the node and carries out the next remedy against its damage.
 *
 * @returns its position, once it is at the committed head.
 * @throws RecoveryFailedError when no remedy remains, or it took too long.
 * @throws RefusedActError when the node sequences, or another run has taken it over.
 */
export async function attemptNext(
  recovering: Recovering,
  attempts: Attempts,
  onMethod: (method: Remedy, damage: Damage) => void = () => {},
): Promise<{ readonly attempts: Attempts; readonly restored?: Restored }> {
  const { ports, node, actor } = recovering
  const { head, damage: found } = await observeDamage(recovering)
  const damage: Damage = attempts.foreign ? { kind: 'foreign', hash: attempts.foreign } : found
  if (damage.kind === 'none') {
    return { attempts, restored: restoredAt(head, damage.latest) }
  }
  const method = nextRemedy(damage, await findAbilities(recovering, { head, damage }), attempts.tried)
  const spent = attempts.steps.filter((step) => step.method !== 'wait').length >= MOST_STEPS
  if (method === undefined || spent || ports.clock.now() - attempts.startedAt > MOST_MS) {
    const why = method ? 'it takes too long' : 'no method is left'
    throw new RecoveryFailedError(node, `${formatDamage(damage)}; ${why}`, formatSteps(attempts.steps))
  }
  await refuseUnlessOurs(recovering)
  onMethod(method, damage)
  const began = ports.clock.now()
  const { foreign, ...done } = await whileAtWork(recovering, (heard) => attempt(heard, method, { head, damage }))
  const step = { method, ...done, ms: ports.clock.now() - began }
  const reasons = [reason('recovery-step', { method, outcome: step.outcome, ms: step.ms }, node)]
  await record(ports, { what: 'recovery-step', actor, term: head.term, head: head.number, node, reasons })
  const at = 'latest' in damage ? damage.latest.number : 0n
  return {
    attempts: {
      startedAt: attempts.startedAt,
      // A failed observation says nothing about heights.
      from: 'latest' in damage && at < attempts.from ? at : attempts.from,
      tried: [...attempts.tried, { method, kind: damage.kind, at }],
      steps: [...attempts.steps, step],
      ...(foreign && { foreign }),
    },
  }
}

/** The position of a node at the head; it may have taken a block committed since. */
export function restoredAt(head: Head, latest: BlockId): Restored {
  return { head, at: latest.number > head.number ? { number: head.number, hash: head.hash } : latest }
}

/**
 * Names a node's damage.
 *
 * @throws RefusedActError when it sequences, or nothing is committed.
 */
export async function observeDamage(recovering: Recovering): Promise<Examined> {
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

/** Carries out one remedy. A failure is an outcome like any other: the next observation decides. */
async function attempt(recovering: Recovering, method: Remedy, { damage, head }: Examined) {
  try {
    return { outcome: await carryOut(recovering, method, damage, head), failed: false }
  } catch (error) {
    if (!(error instanceof BatonError)) recovering.ports.log.error('recovery method failed', { method, error })
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    const foreign = error instanceof NotAnAncestorError && error.block.number === 0n ? error.block.hash : undefined
    return { outcome: `failed: ${message}`, failed: true, foreign }
  }
}

function carryOut(recovering: Recovering, method: Remedy, damage: Damage, head: Head): Promise<string> {
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

/** The attempts of a recovery as text. */
export function formatSteps(steps: readonly Step[]): string {
  if (steps.length === 0) return 'nothing'
  return steps.map(({ method, failed }) => (failed ? `${method} (failed)` : method)).join(', ')
}
