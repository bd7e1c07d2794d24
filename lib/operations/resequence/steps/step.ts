import type { Context } from '../context.ts'
import type { ResequenceRequest } from '../request.ts'

/** One step of a run. */
export type Step = {
  readonly name: string
  /** What it does, for the plan. */
  readonly does: (request: ResequenceRequest) => string
  /** What must be seen before the next step. */
  readonly checks: readonly string[]
  /**
   * When Baton ended in the middle of it: `repeat` it, go on to `watch` what it has started, or put the
   * backup back (`from-backup`) and repeat.
   */
  readonly interrupted: 'repeat' | 'watch' | 'from-backup'
  /** After a failure: it may be tried again, or only the backup leads back. */
  readonly failed: 'resume' | 'restore'
  /** Does it; resolves with what was seen, in a sentence. Throws StepFailed or ResequenceRefused. */
  readonly run: (context: Context) => Promise<string>
}
