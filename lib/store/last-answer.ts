/** The signal that bounds a call, by the input of its command: all that an attempt of the SDK knows of the call. */
const signals = new WeakMap<object, AbortSignal>()
/** The error with which the service answered the last attempt of a call, by the signal that bounds it. */
const answers = new WeakMap<AbortSignal, unknown>()

/** Records that this signal bounds the call with this input. */
export function noteCall(input: object, signal: AbortSignal): void {
  signals.set(input, signal)
}

/** Records the error that answered an attempt of the call with this input. */
export function noteAnswer(input: object, error: unknown): void {
  const signal = signals.get(input)
  if (signal) answers.set(signal, error)
}

/**
 * The error that last answered a call. The SDK waits before it repeats a call, after a throttled one for half a second:
 * when the deadline ends that wait, "no answer" would hide what the service said.
 */
export function lastAnswer(signal: AbortSignal): unknown {
  return answers.get(signal)
}

/** Whether the service answered an attempt, with an error or not. */
export function isAnswered(error: unknown): boolean {
  const { $metadata } = (error ?? {}) as { readonly $metadata?: { readonly httpStatusCode?: number } }
  return $metadata?.httpStatusCode !== undefined
}
