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
  /** The head as this process saw it last, and since when (ms, monotonic). */
  head?: BlockId & { readonly term: number; readonly seenAt: number }
  /** While there is no record: blocks seen to be on the chain that ends in the highest head any node has. */
  chain?: { readonly end: Hash; readonly blocks: readonly Hash[] }
  /** While there is no record: the lowest head of which that is not known, asked of all. */
  lowest?: BlockId
  /** While there is no record: what all nodes showed, and since when (ms, monotonic). */
  still?: { readonly shown: string; readonly since: number }
  /** The head that was read last, and when it was asked for. */
  read?: { readonly number: bigint; readonly term: number; readonly leader: NodeName; readonly askedAt: number }
  /** The genesis hash most of all nodes have: who is replaced later is judged by it. */
  genesis?: Hash
  /** What each node told last of its rollup. */
  rollups?: JudgedFleet['rollups']
  /** How far the clock of the gate its blocks come through is ahead of ours. */
  gateClock?: ClockWatch
  /** How far the clock of the sequencer's host seems to be ahead of ours, by the stamps of its blocks. */
  blockClock?: ClockWatch
  /** The block that is the head, and since when (ms, monotonic), whatever its term. */
  block?: { readonly hash: Hash; readonly seenAt: number }
  /** The acts whose effect was not seen yet, by act and node. */
  acts: Record<string, Series>
  /** The newest records of the history by what they tell, so that a series of them is one. */
  recorded?: Map<string, HistoryRecord>
  /** The move of the head whose record is known to be in the history (Unix ms). */
  recordedMove?: number
  /** Standbys that are trying their way to the gate just now. */
  readonly trying: Set<NodeName>
  /** Standbys that are being given blocks just now. */
  readonly feeding: Set<NodeName>
  /** What people were last paged for, so that History tells it once; absent = not looked up yet. */
  paged?: string
  /** Whether the last turn saw a cause all nodes share. */
  shared?: boolean
  /** While all is well: turns left in which no node need be asked, and what the last look saw besides the nodes. */
  steady?: { turns: number; readonly seen: Pick<View, 'asked' | 'linked' | 'gate' | 'l1'> }
  /** Looks taken so far: a process never acts on its first. */
  ticks: number
}

export const freshMemory = (): Memory => ({ observed: {}, acts: {}, trying: new Set(), feeding: new Set(), ticks: 0 })

/** Asks the engines that Baton has access to what they offer, once in each life of a client. Never throws. */
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
 * Compares the clocks of the gate and of the sequencer's host with ours: a head that is new was committed between the
 * last time it was not there and now. `askedAt` and `now` (Unix ms): when this head was asked for, and when it was read.
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
  // Under another term, something else than a gate may have written it.
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
