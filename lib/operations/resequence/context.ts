import type { Clock } from '../../context/ports.ts'
import type { Host } from '../../host/host.ts'
import type { Snapshot } from './block-range.ts'
import type { ResequenceConfig } from './config.ts'
import type { Notes } from './journal.ts'
import type { Sent } from './long-host.ts'
import type { ResequenceRequest } from './request.ts'
import type { Rpc } from './rpc.ts'

/** The endpoints of the steps: the node, its followers, L1, and their machines. */
export type Endpoints = {
  readonly config: ResequenceConfig
  readonly host: Host
  readonly l1Host: Host
  readonly node: Rpc
  readonly followers: readonly { readonly name: string; readonly rpc: Rpc }[]
  readonly l1: Rpc
  readonly clock: Clock
  /** Reports progress to the operator. */
  readonly say: (message: string) => void
  /** Aborts when the operator interrupts, or another process has taken over. */
  readonly signal: AbortSignal
  /** When the first slice of this execution began (Unix ms); absent = the run goes in one piece, from now on. */
  readonly since?: number
}

/** The arguments of a step. */
export type Context = Endpoints & {
  readonly request: ResequenceRequest
  /** Whether the step began before, and its end was not observed. */
  readonly resumed: boolean
  /** Whether it resumes where it stopped, not after a failure. */
  readonly continued: boolean
  /** When it began, Unix ms: long waits count from there. */
  readonly begunAt: number
  /** The long command it has already started on the sequencer's machine, for a resumed run to poll. */
  readonly sent: (hostStep: string) => Sent | undefined
  readonly notes: () => Notes
  /** Records facts before an act, so that a resumed run knows them. */
  readonly note: (notes: Notes) => Promise<void>
  readonly keepBefore: (sighting: Snapshot) => Promise<void>
  /** The snapshot from before; only after the step that captured it. */
  readonly before: () => Promise<Snapshot>
}

/** One step of a run. */
export type Step = {
  readonly name: string
  /** What it does, for the plan. */
  readonly does: (request: ResequenceRequest) => string
  /** What must be observed before the next step. */
  readonly checks: readonly string[]
  /**
   * After a crash of Baton in mid-step: `repeat` it, `watch` what it has started, or restore the backup (`from-backup`)
   * and repeat.
   */
  readonly interrupted: 'repeat' | 'watch' | 'from-backup'
  /** After a failure: `resume` can retry it, or only `restore` undoes it. */
  readonly failed: 'resume' | 'restore'
  /** Carries it out; resolves with the observation, as a sentence. Throws StepFailed or ResequenceRefused. */
  readonly run: (context: Context) => Promise<string>
}
