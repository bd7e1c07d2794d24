import { BatonError } from '../errors.ts'

/**
 * Runs prepared steps on the machine of one node: a shell where Baton runs beside it, SSM documents
 * of our own on AWS. A step is a fixed command line with validated parameters, never a free shell.
 */
export type Host = {
  /** Whether this machine has such a step. Absent = all but the one that restores a snapshot. */
  offers?(step: string): boolean
  /**
   * Runs a step to its end. Resolves with what it did, whatever its exit code: an exit code proves
   * nothing, so whoever asks verifies by observation.
   * @throws HostStepUnknown when this node's stack has no such step.
   * @throws HostParameterRefused when a parameter does not match its pattern.
   * @throws HostUnreachable when the machine did not take the step within its time.
   */
  run(step: string, parameters?: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<StepResult>
  /**
   * Begins a step and does not wait for its end; resolves with the id to ask by, from any process. Absent =
   * a shell, whose steps end with the process that runs them. Throws as `run`.
   */
  begin?(step: string, parameters?: Readonly<Record<string, string>>): Promise<string>
  /**
   * What a step that was begun left behind; `undefined` = it goes on. Its own time-out ends it.
   * @throws HostUnreachable when that cannot be told, or the machine never took it.
   */
  ask?(step: string, id: string): Promise<EndedStep | undefined>
}

/** What a step left behind, when somebody asks later. */
export type EndedStep = Omit<StepResult, 'ms'>

/** What a step left behind. Outputs are the last 16 kB of each stream. */
export type StepResult = {
  readonly step: string
  /** `undefined` = ended by a signal or by its time-out. */
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
  /** How long it ran, ms. */
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

/** What a step on a machine came to, and what was seen of one of its processes meanwhile. */
export type WatchedStep = StepResult & {
  /** Whether the process was seen to refuse connections while the step ran. */
  readonly wentDown: boolean
}

/** How often a process is looked at while a step runs: a restart may be over in a tenth of a second. */
const WATCH_MS = 25

/**
 * Runs a prepared step, and looks at one of the machine's processes until it ends: an exit code proves nothing, and a
 * process that was never away is the one that ran before.
 *
 * @param isDown whether the process refuses connections now; one that is silent does not. Never throws.
 * @throws what the step throws.
 */
export async function watchStep(
  run: () => Promise<StepResult>,
  isDown: () => Promise<boolean>,
  clock: { sleep(ms: number): Promise<void> },
): Promise<WatchedStep> {
  let wentDown = false
  let done = false
  // Begun before the first look: a quick restart is over before the second.
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
