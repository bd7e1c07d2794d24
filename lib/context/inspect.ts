import type { Block, BlockId } from '../protocol/block.ts'
import { decide } from '../protocol/decide.ts'
import type { Decision, View } from '../protocol/decision.ts'
import { reachFrom } from '../protocol/gate-reach.ts'
import type { HistoryRecord, NodeName } from '../protocol/records.ts'
import type { MonitorLease } from '../store/stores.ts'
import { freshMemory, learnEngines, type Memory } from './memory.ts'
import { observeChain, observeL1, readRecords, tipOf } from './observe.ts'
import type { ChainPorts } from './ports.ts'
import { lastPage } from './record.ts'

/** A committed block as a screen lists it. */
export type ListedBlock = BlockId &
  Partial<Pick<Block, 'parentHash' | 'l1Origin'>> & {
    /** Empty = not known. */
    readonly leader: NodeName
    readonly term: number
    /** Unix ms. */
    readonly committedAt: number
  }

/** A committed block, as the gate wrote it. */
export type CommittedBlock = Block & ListedBlock

/** A snapshot of one chain for every screen: the observation, the decision and the latest acts. */
export type Snapshot = {
  readonly chain: { readonly id: string; readonly name: string }
  readonly view: View
  readonly decision: Decision
  /** The active monitor; absent when none ever ran. */
  readonly monitor?: MonitorLease
  /** Newest first. */
  readonly history: readonly HistoryRecord[]
  /** Newest first. */
  readonly blocks: readonly ListedBlock[]
}

/** Pause between the two observations of a one-off inspection: enough to distinguish a blink from silence. */
const BETWEEN_MS = 250
/** Finding the newest batch may take a slow L1 endpoint longer than a person waits. */
const L1_MS = 3_000

/**
 * Observes a chain without touching it, for `status` and `explain`. It observes twice, so that the decision shown is
 * the one a running monitor would make.
 *
 * @throws StoreUnavailableError when the records cannot be read.
 */
export async function inspectChain(given: ChainPorts, options: { history?: number } = {}): Promise<Snapshot> {
  const { put, get } = given.objects
  // A read-only caller may not list the archive; the history also shows that the records were lost.
  const ports = { ...given, objects: { put, get } }
  const memory = freshMemory()
  // The first observation asks for the head, too: some damage is certain only when two observations show it.
  await readRecords(ports, memory, {})
  const first = await observeChain(ports, memory)
  await Promise.all([
    ports.clock.sleep(BETWEEN_MS),
    learnEngines(ports, memory),
    observeL1(ports, tipOf(first), L1_MS),
    askBuilders(ports),
  ])
  const monitor = await ports.monitorLease.read(ports.chain.id)
  const limit = options.history ?? 20
  const history = await ports.history.list(ports.chain.id, { limit: Math.max(limit, RECORDS) })
  if (monitor && monitor.until > ports.clock.now()) recall(memory, history)
  const view = await observeChain(ports, memory)
  return {
    chain: ports.chain,
    view,
    decision: decide(view),
    history: history.slice(0, limit),
    blocks: [],
    ...(monitor && { monitor }),
  }
}

/** Asks the builders until their findings are settled, as a running monitor would have; waits at most {@link L1_MS}. */
async function askBuilders({ builders, clock }: ChainPorts): Promise<void> {
  if (!builders) return
  const answered = new AbortController()
  const twice = builders.ask().then(() => builders.ask())
  await Promise.race([twice.finally(() => answered.abort()), clock.sleep(L1_MS, answered.signal)])
}

/** Number of newest records searched for a page of the monitor. */
const RECORDS = 50

/** What only the running monitor's tries can show, and no observation: whether standbys reach the gate. */
function recall(memory: Memory, history: readonly HistoryRecord[]): void {
  const paged = lastPage(history)
  for (const [node, known] of Object.entries(memory.observed)) {
    const gate = paged?.what === 'page' ? reachFrom(paged.reasons, node) : undefined
    if (gate) memory.observed[node] = { ...known, gate }
  }
}
