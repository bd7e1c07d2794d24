import { BatonError } from '../../errors.ts'
import type { NodeName } from '../../protocol/records.ts'

/** A recovery ended and the node still does not work. The node stays in quarantine. */
export class RecoveryFailedError extends BatonError {
  override readonly name = 'RecoveryFailedError'
  override readonly code = 'recovery-failed'

  constructor(node: NodeName, message: string, tried: string, cause?: unknown) {
    super({
      message: `${node} could not be recovered: ${message}; tried ${tried}`,
      remedy: `See "baton history" and docs/runbooks.md#crash-recovery. The node stays in quarantine until "baton recover ${node}" succeeds or "baton quarantine ${node} --lift".`,
      cause,
    })
  }
}

/** A step reported success, and observation contradicts it. */
export class StepWithoutEffectError extends BatonError {
  override readonly name = 'StepWithoutEffectError'
  override readonly code = 'step-without-effect'

  constructor(node: NodeName, step: string, claimed: string, observed: string) {
    super({
      message: `${node}: ${step} ${claimed}, but ${observed}`,
      remedy: 'Run the step by hand on its machine and see why it does nothing.',
    })
  }
}

/** A remedy could lose data here and was refused. Nothing was changed. */
export class TooDangerousError extends BatonError {
  override readonly name = 'TooDangerousError'
  override readonly code = 'too-dangerous'

  constructor(node: NodeName, method: string, why: string) {
    super({ message: `${node}: ${method} was not done: ${why}`, remedy: 'Bring the missing copy back first.' })
  }
}
