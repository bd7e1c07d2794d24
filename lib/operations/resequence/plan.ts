import type { Context } from './context.ts'
import type { ResequenceRequest } from './request.ts'
import { backup } from './steps/backup.ts'
import { capture } from './steps/capture.ts'
import { check } from './steps/check.ts'
import { halt } from './steps/halt.ts'
import { reachL1, startL1Clients, stopL1Clients } from './steps/l1-clients.ts'
import { l1Rollback } from './steps/l1-rollback.ts'
import { recover, settle } from './steps/recover.ts'
import { resequence } from './steps/resequence.ts'
import { confirm, followers, start } from './steps/start.ts'
import { stop, stopAgain } from './steps/stop.ts'
import { unwind } from './steps/unwind.ts'
import { verify } from './steps/verify.ts'

const toTheEdge = [stop, backup, l1Rollback, unwind] as const
const backToWork = [verify, stopAgain, start, confirm, followers, startL1Clients, reachL1] as const

/**
 * The steps of a run, in order. From the stream: cdk-erigon's own procedure. From L1: halt, let everything reach L1,
 * roll back there, and let the node rebuild its batches in recovery mode.
 */
export const plans: Readonly<Record<ResequenceRequest['from'], readonly Step[]>> = {
  stream: [check, stopL1Clients, halt, capture, ...toTheEdge, resequence, ...backToWork],
  l1: [check, halt, settle, stopL1Clients, capture, ...toTheEdge, recover, ...backToWork],
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
