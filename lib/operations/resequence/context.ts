import type { Clock } from '../../context/ports.ts'
import type { Host } from '../../host/host.ts'
import type { ResequenceConfig } from './config.ts'
import type { Notes } from './journal.ts'
import type { Sent } from './long-host.ts'
import type { ResequenceRequest } from './request.ts'
import type { Rpc } from './rpc.ts'
import type { Snapshot } from './stretch.ts'

/** What the steps reach: the node, those that follow it, L1, and their machines. */
export type Endpoints = {
  readonly config: ResequenceConfig
  readonly host: Host
  readonly l1Host: Host
  readonly node: Rpc
  readonly followers: readonly { readonly name: string; readonly rpc: Rpc }[]
  readonly l1: Rpc
  readonly clock: Clock
  /** Progress, for the person who watches. */
  readonly say: (message: string) => void
  /** Aborts when the operator interrupts, or somebody else has taken over. */
  readonly signal: AbortSignal
  /** When whoever carries the run began, in however many slices (Unix ms); absent = it does so in one go, from now on. */
  readonly since?: number
}

/** What a step works with. */
export type Context = Endpoints & {
  readonly request: ResequenceRequest
  /** Whether the step was begun before, and its end was not seen. */
  readonly resumed: boolean
  /** Whether it is resumed where it was left, not after a failure. */
  readonly continued: boolean
  /** When it was begun, Unix ms: long waits count from there. */
  readonly begunAt: number
  /** A long command it has begun on the sequencer's machine already, and whoever goes on asks for. */
  readonly sent: (hostStep: string) => Sent | undefined
  readonly notes: () => Notes
  /** Remembers facts before an act, so that whoever resumes knows them. */
  readonly note: (notes: Notes) => Promise<void>
  readonly keepBefore: (sighting: Snapshot) => Promise<void>
  /** What was there before; only after the step that captured it. */
  readonly before: () => Promise<Snapshot>
}
