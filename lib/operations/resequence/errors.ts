import { BatonError } from '../../errors.ts'

/** The request cannot be carried out as it stands. Nothing was changed. */
export class ResequenceRefused extends BatonError {
  override readonly name = 'ResequenceRefused'
  override readonly code = 'resequence-refused'

  constructor(message: string, remedy: string) {
    super({ message, remedy })
  }
}

/** A step did not reach its required result. The run has stopped there. */
export class StepFailed extends BatonError {
  override readonly name = 'StepFailed'
  override readonly code = 'resequence-step-failed'

  constructor(message: string, remedy: string, cause?: unknown) {
    super({ message, remedy, cause })
  }
}

/** The node or L1 did not answer, or answered with something else. */
export class ZkNodeFailed extends BatonError {
  override readonly name = 'ZkNodeFailed'
  override readonly code = 'zk-node-failed'

  constructor(what: string, message: string) {
    super({
      message: `${what}: ${message}`,
      remedy: 'Look at the log of that process, and at the URL in the configuration.',
    })
  }
}

/**
 * Another process has the chain's lease, or wrote to the run meanwhile: this process's state is stale. Nothing was
 * written.
 */
export class LeaseLost extends BatonError {
  override readonly name = 'LeaseLost'
  override readonly code = 'resequence-lease-lost'

  constructor(what: string) {
    super({
      message: what,
      remedy: 'Find out in the history who works on the run now. Then run it again with --resume.',
    })
  }
}

/** The operator interrupted, or another process has taken over. Nothing has failed: the run can be resumed. */
export class Interrupted extends BatonError {
  override readonly name = 'Interrupted'
  override readonly code = 'resequence-interrupted'

  constructor(what: string) {
    super({ message: `interrupted: ${what}`, remedy: 'Run it again with --resume.' })
  }
}

/** What to do after a failure that only a restore of the backup can undo. */
export const RESTORE =
  'Never start it again in place: blocks would be lost. Go back with "baton resequence --restore", look for the cause, begin again.'
