/**
 * Runs prepared steps on the machine of one node: a shell where Baton runs beside it, SSM documents
 * of our own on AWS. A step is a fixed command line with validated parameters, never a free shell.
 */
export type Host = {
  /**
   * Runs a step to its end. Resolves with what it did, whatever its exit code: an exit code proves
   * nothing, so whoever asks verifies by observation.
   * @throws HostStepUnknown when this node's stack has no such step.
   * @throws HostParameterRefused when a parameter does not match its pattern.
   * @throws HostUnreachable when the machine did not take the step within its time.
   */
  run(step: string, parameters?: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<StepResult>
}

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
