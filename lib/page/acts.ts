import type { ActName } from '../operator/act-names.ts'
import type { NodeName } from '../protocol/records.ts'
import type { Procedures } from './procedures.ts'

/** The faults of a simulated node; each is undone by another one. */
export const faultKinds = {
  'kill-consensus': { label: 'Kill op-node', title: 'End the consensus client; restart brings it back' },
  'kill-execution': { label: 'Kill EL', title: 'End the execution client; restart brings it back' },
  'crash-execution': {
    label: 'Crash EL',
    title: 'End the execution client as op-reth ends: back at once, without the blocks it had in memory',
  },
  'kill-host': { label: 'Kill host', title: 'End both clients at once; restart brings them back' },
  freeze: { label: 'Freeze', title: 'Stop the process in its tracks: connections stay open, nothing answers' },
  thaw: { label: 'Thaw', title: 'Let a frozen process continue where it stopped' },
  restart: { label: 'Restart', title: 'Start what is not running' },
  'partition-peers': { label: 'Cut from peers', title: 'Its gossip reaches no node, and no gossip reaches it' },
  'partition-baton': { label: 'Cut from Baton', title: 'Neither the gate nor the monitor can talk to it' },
  heal: { label: 'Heal', title: 'Undo its partitions' },
  'lose-reply': { label: 'Lose next reply', title: "Drop the gate's reply to its next commit after it was written" },
} as const satisfies Record<string, { readonly label: string; readonly title: string }>

export type FaultKind = keyof typeof faultKinds

/**
 * The acts the page offers. Each resolves with a sentence on what was done, or rejects with why not; the page shows
 * either. The composition supplies who acts.
 */
export type Acts = {
  /** Carries out an operator's act; `input` is the act's own. */
  readonly operate?: (act: ActName, input: unknown) => Promise<string>
  /** Simulated chains only. */
  readonly fault?: (input: { readonly node: NodeName; readonly kind: FaultKind }) => Promise<string>
  /** Procedures: longer, planned first, and watched. */
  readonly procedures?: Procedures
}

/** The present faults of each simulated node, as short words: `frozen`, `cut from peers`. */
export type FaultStates = Readonly<Record<NodeName, readonly string[]>>

/** The faults of a simulated chain: how to cause and undo them, and the present ones. */
export type Faults = {
  /** Injects a fault into one node, or undoes its faults. Resolves with a sentence on what was done. */
  apply(node: NodeName, kind: FaultKind): Promise<string>
  /** The present faults of each node, in a few words. */
  states(): FaultStates
}
