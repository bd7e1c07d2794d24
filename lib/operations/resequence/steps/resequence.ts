import * as v from 'valibot'
import type { Step } from '../context.ts'
import { RESTORE, StepFailed } from '../errors.ts'
import type { LogEvent } from '../log-lines.ts'
import { programs } from '../programs.ts'
import { lastBatch } from './capture.ts'
import { type Reader, rebuild } from './rebuild.ts'

/** The required log of a complete run; anything else is an error. */
export type Expected = {
  readonly keep: bigint
  readonly last: bigint
  readonly strict: boolean
  readonly mostParts: number
}

/**
 * Reads a run's events in order. The line "Resequencing completed" alone proves nothing: the node prints it after a
 * no-op, and in the loop after an error. So the range must be the expected one, and each of its batches must appear in
 * the log, in order.
 */
export function readResequence({ keep, last, strict, mostParts }: Expected): Reader {
  let behind = false
  let begun = false
  let next = keep + 1n
  let parts = 0
  let sum = 0
  const save = () => JSON.stringify({ behind, begun, next: String(next), parts, sum })
  const load = (saved: string) => {
    const state = v.parse(savedSchema, saved)
    ;({ behind, begun, next, parts, sum } = state)
  }
  const fail = (message: string) => new StepFailed(message, RESTORE)
  const take = (event: LogEvent): string | undefined => {
    if (event.kind === 'behind') {
      // What the node itself reads from its database and its stream, before it changes either.
      if (event.batch !== keep || event.highest !== last) {
        throw fail(`it begins at batch ${event.batch} of ${event.highest}, not at ${keep} of ${last}`)
      }
      behind = true
    }
    if (event.kind === 'range') {
      if (!behind) throw fail('it did not say where its database and its stream end')
      if (begun) throw fail('it began a second time: what it held in memory is lost')
      if (event.from !== keep + 1n || event.to !== last) {
        throw fail(`it builds batches ${event.from} to ${event.to}, not ${keep + 1n} to ${last}`)
      }
      begun = true
    }
    if (event.kind === 'batch' && ++parts > mostParts) throw fail(`batch ${next} became more than ${mostParts}: a loop`)
    if (event.kind === 'original') {
      if (event.batch !== next) throw fail(`it named batch ${event.batch}, not ${next}`)
      if (strict && event.parts !== 1) throw fail(`strict: batch ${event.batch} became ${event.parts}`)
      next++
      sum += event.parts
      parts = 0
    }
    if (event.kind !== 'completed') return undefined
    if (!begun) throw fail('it says that it is completed, and has built nothing')
    if (next !== last + 1n) throw fail(`it says that it is completed, and batch ${next} is missing`)
    return `batches ${keep + 1n} to ${last} were rebuilt, as ${sum}`
  }
  return { take, save, load }
}

const savedSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    behind: v.boolean(),
    begun: v.boolean(),
    next: v.pipe(
      v.string(),
      v.transform((text) => BigInt(text)),
    ),
    parts: v.number(),
    sum: v.number(),
  }),
)

export const resequence: Step = {
  name: 'resequence',
  does: ({ strict, reuse }) =>
    `start the sequencer to rebuild the stream's batches (strict ${strict}, reuse L1 info ${reuse})`,
  checks: [
    'its log names exactly the batches that were captured, and reports each',
    'no error, no second begin, a new block at least every so often',
    'its word "completed" counts only with all of that',
  ],
  interrupted: 'watch',
  failed: 'restore',
  async run(context) {
    const { request, config } = context
    const { keep, strict, reuse } = request
    const expected = { keep: keep.batch, last: lastBatch(context), strict, mostParts: config.mostParts }
    const parameters = { strict: String(strict), reuse: String(reuse) }
    return rebuild(context, { step: programs.resequence(config), parameters, reader: readResequence(expected) })
  },
}
