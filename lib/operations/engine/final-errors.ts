/** Answers, not accidents: the same call would be answered the same. */
export const FINAL = [
  'RefusedActError',
  'UnfinishedActError',
  'TermChangedError',
  'NotVerifiedError',
  'InvalidInputError',
  'UnknownChainError',
  'ConfigurationError',
  'RangeUnavailableError',
  'NotAnAncestorError',
  'NoStateFoundError',
  'PayloadRefusedError',
  'EngineLiedError',
  'NoProgressError',
  'RecoveryFailedError',
  'StepWithoutEffectError',
  'TooDangerousError',
  'UpgradeStopped',
  'ResequenceRefused',
  'StepFailed',
] as const

/** Whether another try would come to the same. */
export const isFinal = (error: unknown): boolean =>
  error instanceof Error && (FINAL as readonly string[]).includes(error.name)
