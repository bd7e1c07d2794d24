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
