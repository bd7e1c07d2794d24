import { freshMemory } from '../context/memory.ts'
import { observeChain } from '../context/observe.ts'
import { packSeed } from '../context/payloads.ts'
import type { ChainPorts } from '../context/ports.ts'
import { record } from '../context/record.ts'
import { seedHead, seedLease, sequencingNodes } from '../protocol/bootstrap.ts'
import { requestSwitchover } from '../protocol/control.ts'
import type { View } from '../protocol/decision.ts'
import { formatUnderived, ON_PURPOSE, underivedBy } from '../protocol/derivation.ts'
import { examine } from '../protocol/fitness.ts'
import type { L2Block, Observation } from '../protocol/observation.ts'
import { judgeOrder, latestFor } from '../protocol/orders.ts'
import { reason, renderReason } from '../protocol/reason.ts'
import type { Actor, NodeName } from '../protocol/records.ts'
import { promiseBreakers } from '../protocol/uncommitted.ts'
import { configuredNode } from './configured-node.ts'
import { RefusedActError, UnfinishedActError } from './errors.ts'

/** How long to wait until a stopped sequencer's status shows the hash it stopped at. */
const SETTLE_MS = 2_000
/** How long to retry the store: until it answers, no node sequences. */
const STORE_MS = 30_000
/** A monitor that begins within this time grants the named node first. */
const MONITOR_MS = 600_000

/**
 * Takes over a chain that one node sequences outside Baton: stops that node, makes the block it stopped at the head,
 * and requests the first grant for `to`. Once the head may have been written, it does not restart the old sequencer,
 * whatever fails: that node would publish uncommitted blocks.
 *
 * @throws RefusedActError when the chain has a head already, not exactly one node is known to sequence, `to` is unfit,
 * or no gate answers.
 * @throws UnfinishedActError when another writer gave the chain a head in the meantime, another order blocks the
 * request for `to`, or the stopped node names another head.
 * @throws StoreUnavailableError when it is not known whether the head was written.
 */
export async function adopt(ports: ChainPorts, { to, by }: { to: NodeName; by: string }): Promise<L2Block> {
  const { chain, heads, leases, clock } = ports
  const view = await observeChain(ports, freshMemory())
  if (view.head) {
    throw new RefusedActError(
      `chain ${chain.id} already has a head (block ${view.head.number})`,
      'use "baton switchover"',
    )
  }
  const unfit = examine(view, configuredNode(ports.nodes, to)).hard[0]
  if (unfit)
    throw new RefusedActError(
      `${to} cannot take over: ${renderReason(unfit)}`,
      'repair it first, or adopt to another node',
    )
  const [breaker] = promiseBreakers(view)
  if (breaker)
    throw new RefusedActError(
      `Baton cannot fence this chain: ${renderReason(breaker)}`,
      'run op-node on every sequencer of the chain first',
    )
  if (view.gate && !view.gate.ok)
    throw new RefusedActError(
      `the gate does not answer (${view.gate.message}): no node could commit after ${to} was granted`,
      'let Baton’s functions and the sequencers reach the gate first',
    )
  const source = onlySequencer(view)
  const actor: Actor = { kind: 'operator', name: by }
  const stoppedAt = await ports.port(source).stop()
  const block = await settledHead(ports, source, stoppedAt)
  const askedAt = clock.now()
  const latest = latestFor(askedAt, 0, MONITOR_MS)
  const switchover = { id: ports.suffix(), to, notBefore: 0, by, force: false, askedAt, latest }
  const payload = await packSeed(ports, block)
  const seeded = await answered(ports, () => heads.write(chain.id, seedHead(block, 0, clock.now(), payload)))
  if (!seeded.applied && seeded.old?.hash !== block.hash) {
    throw new UnfinishedActError(
      `chain ${chain.id} was given a head (block ${seeded.old?.number}) by another process meanwhile; ${source} stays stopped`,
      'use "baton switchover"',
    )
  }
  const first = await answered(ports, () =>
    leases.write(chain.id, seedLease('', 0, actor, clock.now(), { first: switchover })),
  )
  const { old } = first.applied ? {} : first
  // A switchover with our id comes from an attempt whose answer was lost.
  if (old?.leader === '' && old.switchover?.id !== switchover.id) {
    const refusal = judgeOrder('switchover', old)
    if (refusal) {
      const done = `block ${block.number} is the head, but ${to} is not asked for`
      throw new UnfinishedActError(`${done}: ${refusal.message}`, refusal.remedy)
    }
    await answered(ports, () => leases.write(chain.id, requestSwitchover(old, switchover)))
  }
  const adopted = reason('adopted', { from: source, number: String(block.number), hash: block.hash, to })
  await record(ports, {
    what: 'adopt',
    actor,
    term: 0,
    head: block.number,
    node: to,
    reasons: [adopted],
  })
  return block
}

/**
 * The one node that sequences. A second one publishes, too, or did until its commits were refused: which of them leads
 * cannot be determined here. A node that may sequence, for all that is known, counts as one that does.
 *
 * @throws RefusedActError unless exactly one is proved to.
 */
function onlySequencer(view: View): NodeName {
  const [source, ...others] = sequencingNodes(view)
  if (!source)
    throw new RefusedActError(
      'no node is sequencing',
      'nothing to adopt: the monitor takes over a stopped chain on its own',
    )
  if (others.length > 0)
    throw new RefusedActError(
      `${[source, ...others].join(' and ')} ${others.length > 1 ? 'all' : 'both'} sequence`,
      'stop the one that does not lead (admin_stopSequencer), then adopt',
    )
  for (const { name } of view.nodes) {
    const consensus = view.observed[name]?.observation.consensus
    // A process that is gone does not sequence. Of one that is silent, or belongs to another chain, nothing is known.
    if (!consensus || consensus.ok || consensus.failure === 'refused') continue
    throw new RefusedActError(
      `whether ${name} sequences, too, is not known: ${consensus.message}`,
      'let it answer, end its op-node, or take it out of the configuration, then adopt',
    )
  }
  const underived = underivedBy(view, source, ON_PURPOSE)
  if (underived)
    throw new RefusedActError(
      `${formatUnderived(source, underived)}: what it publishes may not be what L1 has`,
      'wait until it has, then adopt',
    )
  return source
}

/** Writes until the store answers: an error does not show whether the write took effect. */
async function answered<T>({ clock }: ChainPorts, write: () => Promise<T>): Promise<T> {
  for (const until = clock.monotonic() + STORE_MS; ; ) {
    try {
      return await write()
    } catch (error) {
      if (clock.monotonic() > until) throw error
    }
    await clock.sleep(200)
  }
}

/** The block a stopped node names as its head, once its status agrees with the hash it returned. */
async function settledHead(ports: ChainPorts, node: NodeName, hash: string): Promise<L2Block> {
  const until = ports.clock.monotonic() + SETTLE_MS
  for (;;) {
    const look: Observation = await ports.port(node).observe(undefined)
    if (look.consensus.ok && look.consensus.value.unsafe.hash === hash) return look.consensus.value.unsafe
    if (ports.clock.monotonic() > until) break
    await ports.clock.sleep(20)
  }
  await ports.port(node).start(hash as L2Block['hash'])
  throw new UnfinishedActError(
    `${node} stopped at ${hash} but names another head; it was started again`,
    'look at its log',
  )
}
