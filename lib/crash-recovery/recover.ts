import { NotAnAncestorError } from '../backfill/errors.ts'
import type { BackfillPorts } from '../backfill/ports.ts'
import type { Progress } from '../backfill/progress.ts'
import { BatonError } from '../errors.ts'
import { RefusedActError } from '../monitor/operate/errors.ts'
import { record } from '../monitor/record.ts'
import { type Reason, reason } from '../protocol/reason.ts'
import type { Actor, NodeName } from '../protocol/records.ts'
import { type Damage, tellDamage } from './classify.ts'
import { RecoveryFailedError } from './errors.ts'
import { type Examined, examine, findAbilities, lookAt } from './examine.ts'
import { type Method, nextMethod, rungs, type Tried } from './ladder.ts'
import { cutTail } from './methods/cut-tail.ts'
import { emptyExecution } from './methods/empty.ts'
import { fill } from './methods/fill.ts'
import { restart } from './methods/restart.ts'
import { wait } from './methods/wait.ts'
import type { Recovering } from './ports.ts'
import { enterQuarantine, leaveQuarantine } from './quarantine.ts'
import { type Verified, verify } from './verify.ts'

export type RecoverOptions = {
  /** Who asked for it. Baton itself never takes the last eligible node. */
  readonly actor: Actor
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
  /** Told before each method. */
  readonly onMethod?: (method: Method, damage: Damage) => void
}

/** What was done to a node, step by step. */
export type Step = { readonly method: Method; readonly outcome: string; readonly ms: number; readonly failed: boolean }

/** What a recovery came to. */
export type Recovered = {
  readonly outcome: 'recovered' | 'nothing-to-do'
  readonly damage: Damage
  readonly steps: readonly Step[]
  readonly verified?: Verified
  readonly ms: number
}

/** What would be done to a node, with what stands in the way of each method. */
export type RecoveryPlan = {
  readonly damage: Damage
  readonly rungs: readonly { readonly method: Method; readonly obstacle?: string }[]
}

/** More methods than this in one recovery mean that none helps. */
const MOST_STEPS = 12
const MOST_MS = 30 * 60_000

/**
 * Looks what is wrong with a node and what would be done about it. Changes nothing.
 *
 * @throws RefusedActError when the node is unknown, sequences, or nothing is committed.
 */
export async function planRecovery(ports: BackfillPorts, node: NodeName): Promise<RecoveryPlan> {
  const recovering = begin(ports, node, { actor: { kind: 'operator', name: 'plan' } })
  const examined = await look(recovering)
  return { damage: examined.damage, rungs: rungs(examined.damage, await findAbilities(recovering, examined)) }
}

/**
 * Brings a node back after a crash: names its damage, takes it out of eligibility, tries the methods
 * against that damage from harmless to drastic, looks after each, and puts the node back only when it
 * is proved to work. What it did is in the history; it keeps no state but that and the quarantine, so
 * that a recovery cut short by a crash of Baton is begun again by the next monitor.
 *
 * @throws RefusedActError when the node is unknown or sequences, or is the last eligible one and nobody asked.
 * @throws RecoveryFailedError with what was tried; the node stays in quarantine.
 */
export async function recover(ports: BackfillPorts, node: NodeName, options: RecoverOptions): Promise<Recovered> {
  const recovering = begin(ports, node, options)
  const { clock } = ports
  const startedAt = clock.now()
  const first = await look(recovering)
  const lease = await ports.leases.read(ports.chain.id)
  if (first.damage.kind === 'none' && !lease?.quarantine[node]) {
    return { outcome: 'nothing-to-do', damage: first.damage, steps: [], ms: clock.now() - startedAt }
  }
  const tell = (what: string, reasons: readonly Reason[]) =>
    record(ports, { what, actor: options.actor, term: first.head.term, head: first.head.number, node, reasons })
  await enterQuarantine(recovering)
  await tell('recovery', [reason('recovery-begun', { damage: tellDamage(first.damage) }, node)])
  const steps: Step[] = []
  try {
    const { head, at, from } = await climb(recovering, first, options, steps, startedAt, tell)
    const verified = await verify(recovering, head, at, from)
    await leaveQuarantine(recovering)
    const ms = clock.now() - startedAt
    const { number, hash } = verified.at
    const { compared, canary } = verified
    const evidence = { ms, methods: tellSteps(steps), number: String(number), hash, compared, canary }
    await tell('recovered', [reason('recovery-verified', evidence, node)])
    return { outcome: 'recovered', damage: first.damage, steps, verified, ms }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const methods = tellSteps(steps)
    // The quarantine stays as it is: it tells the next monitor to begin again.
    if (recovering.signal.aborted) throw new RecoveryFailedError(node, 'it was interrupted', methods, error)
    await leaveQuarantine(recovering, `crash recovery failed: ${message}`)
    const failed = [reason('recovery-failed', { message, methods }, node)]
    await tell('recovery-failed', failed)
    await tell('page', failed)
    throw error instanceof RecoveryFailedError ? error : new RecoveryFailedError(node, message, methods, error)
  }
}

/** Tries methods until the node stands at the committed head. `from` = the lowest height it was in doubt at. */
async function climb(
  recovering: Recovering,
  first: Examined,
  { onMethod }: RecoverOptions,
  steps: Step[],
  startedAt: number,
  tell: (what: string, reasons: readonly Reason[]) => Promise<void>,
) {
  const { ports, node, signal } = recovering
  const tried: Tried[] = []
  let examined = first
  let from = first.head.number
  for (;;) {
    const { damage, head } = examined
    if ('latest' in damage && damage.latest.number < from) from = damage.latest.number
    if (damage.kind === 'none') return { head, at: atMost(damage.latest, head), from }
    if (damage.kind === 'foreign') from = 0n
    const method = nextMethod(damage, await findAbilities(recovering, examined), tried)
    if (
      method === undefined ||
      steps.filter(({ method: done }) => done !== 'wait').length >= MOST_STEPS ||
      ports.clock.now() - startedAt > MOST_MS ||
      signal.aborted
    ) {
      const why = method ? 'too many steps' : 'no method is left'
      throw new RecoveryFailedError(node, `${tellDamage(damage)}; ${why}`, tellSteps(steps))
    }
    onMethod?.(method, damage)
    tried.push({ method, kind: damage.kind, at: 'latest' in damage ? damage.latest.number : 0n })
    const began = ports.clock.now()
    const done = await attempt(recovering, method, examined)
    const step = { method, outcome: done.outcome, ms: ports.clock.now() - began, failed: done.failed }
    steps.push(step)
    await tell('recovery-step', [reason('recovery-step', { method, outcome: step.outcome, ms: step.ms }, node)])
    examined = await look(recovering)
    if (done.foreign) examined = { head: examined.head, damage: { kind: 'foreign', hash: done.foreign } }
  }
}

/** Carries out one method. Its failure is an outcome like another: what counts is what is seen afterwards. */
async function attempt(recovering: Recovering, method: Method, { damage, head }: Examined) {
  try {
    return { outcome: await carryOut(recovering, method, damage, head), failed: false }
  } catch (error) {
    if (!(error instanceof BatonError)) recovering.ports.log.error('recovery method failed', { method, error })
    const genesis = error instanceof NotAnAncestorError && error.block.number === 0n ? error.block.hash : undefined
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return { outcome: `failed: ${message}`, failed: true, foreign: genesis }
  }
}

function carryOut(recovering: Recovering, method: Method, damage: Damage, head: Examined['head']): Promise<string> {
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
    case 'empty-execution':
      return emptyExecution(recovering, head)
  }
}

function begin(ports: BackfillPorts, node: NodeName, { actor, signal, onProgress }: RecoverOptions): Recovering {
  if (!ports.nodes.some(({ name }) => name === node)) {
    const known = ports.nodes.map(({ name }) => name).join(', ')
    throw new RefusedActError(`no node "${node}" is configured`, `name one of ${known}`)
  }
  const never = new AbortController().signal
  return { ports, node, actor, signal: signal ?? never, onProgress: onProgress ?? (() => {}) }
}

async function look(recovering: Recovering): Promise<Examined> {
  const { ports, node } = recovering
  const { consensus } = await lookAt(ports, node)
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

/** The node may be ahead of the head read before it by blocks committed since. */
function atMost(latest: { number: bigint; hash: `0x${string}` }, head: Examined['head']) {
  return latest.number > head.number ? { number: head.number, hash: head.hash } : latest
}

const tellSteps = (steps: readonly Step[]) =>
  steps.length === 0
    ? 'nothing'
    : steps.map(({ method, failed }) => (failed ? `${method} (failed)` : method)).join(', ')
