import { randomUUID } from 'node:crypto'
import { record } from '../../context/record.ts'
import { configuredNode } from '../../operator/configured-node.ts'
import { type Reason, reason } from '../../protocol/reason.ts'
import type { Actor, NodeName } from '../../protocol/records.ts'
import { type BackfillPorts, observeNode } from '../backfill/ports.ts'
import type { Progress } from '../backfill/range.ts'
import { type Attempts, formatSteps, observeDamage, type Restored } from './attempt.ts'
import { type Remedy, remediesFor } from './choose-remedy.ts'
import { type Damage, formatDamage } from './classify.ts'
import { findAbilities } from './examine.ts'
import type { Recovering } from './ports.ts'
import { enterQuarantine, isOurs, leaveQuarantine, whileAtWork } from './quarantine.ts'
import { type Verified, verify } from './verify.ts'

/** Who recovers, and how that is watched and ended. */
export type RecoverOptions = {
  /** Who asked for it. Baton itself never takes the last eligible node. */
  readonly actor: Actor
  /** The id of the run; by default a new one. A second run of the same actor is refused. */
  readonly owner?: string
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

/** A node's damage, and its remedies with what prevents each. */
export type RecoveryPlan = {
  readonly damage: Damage
  readonly remedies: readonly { readonly method: Remedy; readonly obstacle?: string }[]
}

/**
 * Examines a node and plans its recovery. Changes nothing.
 *
 * @throws RefusedActError when the node is unknown, sequences, or nothing is committed.
 */
export async function planRecovery(ports: BackfillPorts, node: NodeName): Promise<RecoveryPlan> {
  const recovering = recoveringOf(ports, node, { actor: { kind: 'operator', name: 'plan' } })
  const examined = await observeDamage(recovering)
  return { damage: examined.damage, remedies: remediesFor(examined.damage, await findAbilities(recovering, examined)) }
}

/**
 * Names a node's damage and quarantines the node; a node without damage is not quarantined.
 *
 * @throws RefusedActError
 */
export async function beginRecovery(
  recovering: Recovering,
): Promise<{ readonly damage: Damage; readonly begun?: Attempts }> {
  const { ports, node } = recovering
  const { damage, head } = await observeDamage(recovering)
  const lease = await ports.leases.read(ports.chain.id)
  if (damage.kind === 'none' && !lease?.quarantine[node]) return { damage }
  await enterQuarantine(recovering)
  await note(recovering, 'recovery', [reason('recovery-begun', { damage: formatDamage(damage) }, node)])
  return { damage, begun: { startedAt: ports.clock.now(), from: head.number, tried: [], steps: [] } }
}

/**
 * Proves that a node works, and re-enables it.
 *
 * @throws StepWithoutEffectError naming what is still wrong.
 */
export async function endRecovery(
  recovering: Recovering,
  attempts: Attempts,
  { head, at }: Restored,
): Promise<Verified> {
  const verified = await whileAtWork(recovering, (heard) => verify(heard, head, at, attempts.from))
  await leaveQuarantine(recovering)
  const { compared, canary } = verified
  const ms = recovering.ports.clock.now() - attempts.startedAt
  const evidence = {
    ms,
    methods: formatSteps(attempts.steps),
    number: String(at.number),
    hash: at.hash,
    compared,
    canary,
  }
  await note(recovering, 'recovered', [reason('recovery-verified', evidence, recovering.node)])
  return verified
}

/**
 * Keeps the node in quarantine with the reason of the failure, and pages a person with the attempts; re-enables it if
 * it sequences. Leaves it alone if another run has taken it over.
 */
export async function giveUp(
  recovering: Recovering,
  attempts: Attempts,
  error: unknown,
): Promise<'given-up' | 'sequences'> {
  if (await putBackSequencing(recovering)) return 'sequences'
  const message = messageOf(error)
  // The other run reports it: no page.
  if (!(await leaveQuarantine(recovering, `crash recovery failed: ${message}`))) return 'given-up'
  const failed = [reason('recovery-failed', { message, methods: formatSteps(attempts.steps) }, recovering.node)]
  await note(recovering, 'recovery-failed', failed)
  await note(recovering, 'page', failed)
  return 'given-up'
}

/**
 * Ends our recovery of a node that sequences; returns whether it sequences. A start can be in flight when the recovery
 * of a stopped leader begins; a node that seals and commits is well.
 */
export async function putBackSequencing(recovering: Recovering): Promise<boolean> {
  const { ports, node } = recovering
  const { consensus } = await observeNode(ports, node)
  const lease = await ports.leases.read(ports.chain.id)
  if (!isOurs(recovering, lease) || !consensus.ok || !consensus.value.sequencing) return false
  await leaveQuarantine(recovering)
  await note(recovering, 'recovered', [reason('recovery-needless', {}, node)])
  return true
}

/**
 * The recovery as its steps see it.
 *
 * @throws RefusedActError when the node is not configured.
 */
export function recoveringOf(ports: BackfillPorts, node: NodeName, options: RecoverOptions): Recovering {
  configuredNode(ports.nodes, node)
  const { actor, owner = randomUUID(), signal = new AbortController().signal, onProgress = () => {} } = options
  return { ports, node, actor, owner, signal, onProgress }
}

async function note({ ports, node, actor }: Recovering, what: string, reasons: readonly Reason[]): Promise<void> {
  const head = await ports.heads.read(ports.chain.id)
  await record(ports, { what, actor, term: head?.term ?? 0, head: head?.number ?? 0n, node, reasons })
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
