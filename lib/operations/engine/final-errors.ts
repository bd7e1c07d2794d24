/** Errors that are answers: repeating the call gives the same result. */
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

/** Whether a retry is pointless. */
export const isFinal = (error: unknown): boolean =>
  error instanceof Error && (FINAL as readonly string[]).includes(error.name)
