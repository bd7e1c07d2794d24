import { BatonError } from '../errors.ts'

/**
 * Runs prepared steps on the machine of one node: a shell where Baton runs beside it, Baton's own SSM documents on AWS.
 * A step is a fixed command line with validated parameters, never a free shell.
 */
export type Host = {
  /** Whether this machine has the step. Absent = all but the one that restores a snapshot. */
  offers?(step: string): boolean
  /**
   * Runs a step to its end. Resolves with its result, whatever the exit code: an exit code proves nothing, so the
   * caller verifies by observation.
   * @throws HostStepUnknown when this node's stack has no such step.
   * @throws HostParameterRefused when a parameter does not match its pattern.
   * @throws HostUnreachable when the machine did not accept the step in time.
   */
  run(step: string, parameters?: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<StepResult>
  /**
   * Starts a step without waiting for its end; resolves with an id that any process can query. Absent = a shell, whose
   * steps end with the process that runs them. Throws as `run`.
   */
  begin?(step: string, parameters?: Readonly<Record<string, string>>): Promise<string>
  /**
   * The result of a started step; `undefined` = it is still running. Its own timeout ends it.
   * @throws HostUnreachable when the state is unknown, or the machine never accepted the step.
   */
  ask?(step: string, id: string): Promise<EndedStep | undefined>
}

/** The result of a started step, queried later. */
export type EndedStep = Omit<StepResult, 'ms'>

/** The result of a step. Outputs are the last 16 kB of each stream. */
export type StepResult = {
  readonly step: string
  /** `undefined` = ended by a signal or its timeout. */
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
  /** Run time, in ms. */
  readonly ms: number
}

/** A node's stack has no such prepared step. Nothing was run. */
export class HostStepUnknown extends BatonError {
  override readonly name = 'HostStepUnknown'
  override readonly code = 'host-step-unknown'

  constructor(stack: string, step: string, known: readonly string[]) {
    super({ message: `${stack} has no step "${step}"`, remedy: `Name one of ${known.join(', ')}.` })
  }
}

/** A parameter of a step is missing, unknown, or does not match its pattern. Nothing was run. */
export class HostParameterRefused extends BatonError {
  override readonly name = 'HostParameterRefused'
  override readonly code = 'host-parameter-refused'

  constructor(step: string, parameter: string, problem: string, write: string) {
    super({ message: `${step}: the parameter "${parameter}" ${problem}`, remedy: `Write ${write}.` })
  }
}

/** The machine did not accept the step in time. */
export class HostUnreachable extends BatonError {
  override readonly name = 'HostUnreachable'
  override readonly code = 'host-unreachable'
  /** `nothing` = the step was refused, or never arrived; `unknown` = it may have started. */
  readonly ran: 'nothing' | 'unknown'

  constructor(step: string, problem: string, remedy: string, ran: HostUnreachable['ran'], cause?: unknown) {
    super({ message: `${step} could not be run: ${problem}`, remedy, cause })
    this.ran = ran
  }
}

/** The result of a step, and the observation of one of the machine's processes meanwhile. */
export type WatchedStep = StepResult & {
  /** Whether the process refused connections at any sample during the step. */
  readonly wentDown: boolean
}

/** Sampling interval of the process during a step: a restart may be over in a tenth of a second. */
const WATCH_MS = 25

/**
 * Runs a prepared step and samples one of the machine's processes until it ends: an exit code proves nothing, and a
 * process that never went down is still the old one.
 *
 * @param isDown whether the process refuses connections now; a silent process does not. Never throws.
 * @throws the step's errors.
 */
export async function watchStep(
  run: () => Promise<StepResult>,
  isDown: () => Promise<boolean>,
  clock: { sleep(ms: number): Promise<void> },
): Promise<WatchedStep> {
  let wentDown = false
  let done = false
  // Starts before the first sample: a quick restart ends before the second.
  const ended = run().finally(() => {
    done = true
  })
  const watch = async () => {
    while (!done) {
      if (await isDown()) wentDown = true
      await clock.sleep(WATCH_MS)
    }
  }
  const [result] = await Promise.all([ended, watch()])
  return { ...result, wentDown }
}
