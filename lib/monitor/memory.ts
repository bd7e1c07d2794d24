import type { BlockId } from '../protocol/block.ts'
import type { Trail } from '../protocol/decision.ts'
import type { NodeName } from '../protocol/records.ts'

/** What one monitor process remembers between ticks. Losing it costs a little time, never safety. */
export type Memory = {
  readonly trails: Record<NodeName, Trail>
  /** The head as this process saw it last, and since when by its own clock. */
  head?: BlockId & { readonly term: number; readonly seenAt: number }
  /** The lowest head the nodes reported, asked of all while there is no record. */
  lowest?: BlockId
  /** When a fenced node was last asked to stop. */
  readonly stopAsked: Record<NodeName, number>
  /** What people were last paged for, so that History tells it once. */
  paged: string
  /** Whether the last turn saw a cause all nodes share. */
  shared?: boolean
  /** Looks taken so far: a process never acts on its first. */
  ticks: number
}

export const freshMemory = (): Memory => ({ trails: {}, stopAsked: {}, paged: '', ticks: 0 })
