import type { Block } from '../protocol/block.ts'
import type { Decision, View } from '../protocol/decision.ts'
import type { HistoryRecord, NodeName } from '../protocol/records.ts'
import type { MonitorLease } from '../store/stores.ts'

/** A block as it was committed, for showing. */
export type CommittedBlock = Block & {
  readonly leader: NodeName
  readonly term: number
  /** Unix ms. */
  readonly committedAt: number
}

/** One moment of one chain: what was seen, what was decided, what was done lately. Everything a screen shows. */
export type Snapshot = {
  readonly chain: { readonly id: string; readonly name: string }
  readonly view: View
  readonly decision: Decision
  /** The active monitor; absent when none ever ran. */
  readonly monitor?: MonitorLease
  /** Newest first. */
  readonly history: readonly HistoryRecord[]
  /** Newest first. */
  readonly blocks: readonly CommittedBlock[]
}
