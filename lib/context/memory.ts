import type { BlockId, Hash } from '../protocol/block.ts'
import { addOffset, type ClockWatch, offsetOfCommit, offsetOfStamp } from '../protocol/clocks.ts'
import type { ObservedNode, View } from '../protocol/decision.ts'
import type { JudgedFleet } from '../protocol/identity.ts'
import type { Head, HistoryRecord, NodeName } from '../protocol/records.ts'
import type { Series } from '../protocol/series.ts'
import type { ChainPorts } from './ports.ts'

/** What one monitor process remembers between ticks. Losing it costs a little time, never safety. */
export type Memory = {
  readonly observed: Record<NodeName, ObservedNode>
  /** The head this process saw last, and since when (ms, monotonic). */
  head?: BlockId & { readonly term: number; readonly seenAt: number }
  /** Without records: blocks known to be on the chain that ends in the highest head of any node. */
  chain?: { readonly end: Hash; readonly blocks: readonly Hash[] }
  /** Without records: the lowest head not yet known to be on that chain; every node is asked for it. */
  lowest?: BlockId
  /** Without records: what all nodes showed, and since when (ms, monotonic). */
  still?: { readonly shown: string; readonly since: number }
  /** The head read last, and when it was asked for. */
  read?: { readonly number: bigint; readonly term: number; readonly leader: NodeName; readonly askedAt: number }
  /** When the records in the newest view were asked for (ms, monotonic). */
  readAt?: number
  /** When the head was read last (ms, monotonic). */
  headReadAt?: number
  /** The genesis hash as recorded, else of most of all nodes, by which every node is judged. */
  genesis?: Hash
  /** The rollup configuration each node last reported. */
  rollups?: JudgedFleet['rollups']
  /** How far the clock of the leader's gate is ahead of ours. */
  gateClock?: ClockWatch
  /** How far the clock of the sequencer's host seems to be ahead of ours, by the stamps of its blocks. */
  blockClock?: ClockWatch
  /** The head's block, and since when it is the head (ms, monotonic), under any term. */
  block?: { readonly hash: Hash; readonly seenAt: number }
  /** Acts without an observed effect yet, by act and node. */
  acts: Record<string, Series>
  /** The newest history records by content, so that a series of equal ones becomes one record. */
  recorded?: Map<string, HistoryRecord>
  /** The time of the head's move whose record is known to be in the history (Unix ms). */
  recordedMove?: number
  /** The present term, and since when this process has seen it (ms, monotonic). */
  term?: { readonly number: number; readonly seenAt: number }
  /** The record of the grant this process wrote last, or tried to write. */
  granting?: HistoryRecord
  /** The term whose grant is known to be in the history. */
  recordedTerm?: number
  /** Standbys now trying their way to the gate. */
  readonly trying: Set<NodeName>
  /** Nodes whose place on the committed chain is being looked up. */
  readonly placing: Set<NodeName>
  /** Standbys now being topped up. */
  readonly feeding: Set<NodeName>
  /** The last page, so that History has it once; absent = not read yet. */
  paged?: string
  /** Whether the last turn saw a cause all nodes share. */
  shared?: boolean
  /** While all is well: remaining turns without observing nodes, and what else the last observation saw. */
  steady?: { turns: number; readonly seen: Pick<View, 'asked' | 'linked' | 'gate' | 'l1'> }
  /** A move waits for a commit: what was last observed, and since when and for how long that is enough (ms, monotonic). */
  boundary?: { readonly seen: View; readonly since: number; readonly ms: number }
  /** Observations so far: a process never acts on its first. */
  ticks: number
}

export const freshMemory = (): Memory => ({
  observed: {},
  acts: {},
  trying: new Set(),
  placing: new Set(),
  feeding: new Set(),
  ticks: 0,
})

/** Asks the accessible engines for their methods, once in each life of a client. Never throws. */
export async function learnEngines({ nodes, engineMethods, log }: ChainPorts, memory: Memory): Promise<void> {
  const asked = nodes.map(async ({ name }) => {
    if (memory.observed[name]?.engine || !memory.observed[name]?.observation.execution.ok) return
    try {
      const methods = await engineMethods?.(name)
      const known = memory.observed[name]
      if (methods && known) memory.observed[name] = { ...known, engine: [...methods].sort() }
    } catch (error) {
      log.warn('an engine did not say what it offers', { node: name, error })
    }
  })
  await Promise.all(asked)
}

/**
 * Compares the clocks of the gate and of the sequencer's host with ours. A new head was committed between the last read
 * that lacked it and now. `askedAt` and `now` (Unix ms): when this head was asked for, and when it was read.
 */
export function watchGateClock(
  memory: Memory,
  head: Head | undefined,
  askedAt: number,
  now: number,
  blockTimeMs = 2_000,
): void {
  const last = memory.read
  if (!head) delete memory.read
  else memory.read = { number: head.number, term: head.term, leader: head.leader, askedAt }
  // Under another term, something other than a gate may have written it.
  if (!head || !last || last.term !== head.term || last.leader !== head.leader) {
    delete memory.gateClock
    delete memory.blockClock
    return
  }
  if (head.number <= last.number) return
  const sample = offsetOfCommit(head.committedAt, last.askedAt, now)
  if (sample) memory.gateClock = addOffset(memory.gateClock, sample, now)
  const stamp = offsetOfStamp(head.timestamp, blockTimeMs, last.askedAt, now)
  if (stamp) memory.blockClock = addOffset(memory.blockClock, stamp, now)
}
