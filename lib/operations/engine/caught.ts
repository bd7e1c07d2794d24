import * as v from 'valibot'

/** What a task failed with, as a state machine caught it. */
export const caught = v.object({ Error: v.optional(v.string(), ''), Cause: v.optional(v.string(), '') })

const lambdaCause = v.pipe(v.string(), v.parseJson(), v.object({ errorMessage: v.string() }))

/** The sentence in it: Lambda wraps the message of its functions in JSON, with a stack. At most 1,000 characters. */
export function messageOf({ Error: name, Cause }: v.InferOutput<typeof caught> = { Error: '', Cause: '' }): string {
  const read = v.safeParse(lambdaCause, Cause)
  return (read.success ? read.output.errorMessage : Cause || name || 'it failed').slice(0, 1_000)
}
