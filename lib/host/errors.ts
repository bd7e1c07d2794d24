import { BatonError } from '../errors.ts'

/** A node's stack has no such prepared step. Nothing was run. */
export class HostStepUnknown extends BatonError {
  override readonly name = 'HostStepUnknown'
  override readonly code = 'host-step-unknown'

  constructor(stack: string, step: string, known: readonly string[]) {
    super({ message: `${stack} has no step "${step}"`, remedy: `Name one of ${known.join(', ')}.` })
  }
}

/** A parameter of a step is missing, unknown, or not of the form the step prescribes. Nothing was run. */
export class HostParameterRefused extends BatonError {
  override readonly name = 'HostParameterRefused'
  override readonly code = 'host-parameter-refused'

  constructor(step: string, parameter: string, problem: string, write: string) {
    super({ message: `${step}: the parameter "${parameter}" ${problem}`, remedy: `Write ${write}.` })
  }
}

/** The machine did not take the step within its time. */
export class HostUnreachable extends BatonError {
  override readonly name = 'HostUnreachable'
  override readonly code = 'host-unreachable'
  /** `nothing` = the step was refused, or never arrived; `unknown` = it may have been begun. */
  readonly ran: 'nothing' | 'unknown'

  constructor(step: string, problem: string, remedy: string, ran: HostUnreachable['ran'], cause?: unknown) {
    super({ message: `${step} could not be run: ${problem}`, remedy, cause })
    this.ran = ran
  }
}
