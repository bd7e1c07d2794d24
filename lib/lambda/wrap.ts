import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import middy, { type MiddlewareObj } from '@middy/core'
import type { Context } from 'aws-lambda'
import type * as v from 'valibot'
import { readInput } from '../operations/engine/errors.ts'
import { logger } from './log.ts'

/** The work of a function on a validated event. */
export type Work<Input, Output> = (input: Input, context: Context) => Promise<Output>

/** The event that keeps a function active: it starts the function and asks nothing of it. */
export const KEEP_ACTIVE = { source: 'baton.keep-active' } as const

const isKeepActive = (event: unknown) => (event as Partial<typeof KEEP_ACTIVE> | null)?.source === KEEP_ACTIVE.source

/**
 * Creates a handler: adds the request to every log line, validates the event, then does the work. Never logs events,
 * whatever the environment sets: they carry secrets.
 */
export function wrap<Schema extends v.GenericSchema, Output>(
  schema: Schema,
  work: Work<v.InferOutput<Schema>, Output>,
  middlewares: readonly MiddlewareObj<unknown, Output>[] = [],
) {
  return middy<unknown, Output>()
    .use(answerKeepActive<Output>())
    .use(injectLambdaContext(logger, { logEvent: false }))
    .use([...middlewares])
    .use(logFailure())
    .handler(async (event: unknown, context: Context) =>
      work(readInput(schema, event) as v.InferOutput<Schema>, context),
    )
}

function answerKeepActive<Output>(): MiddlewareObj<unknown, Output> {
  return { before: ({ event }) => (isKeepActive(event) ? { active: true } : undefined) }
}

/** Logs the full error: callers often see only a part of it. */
function logFailure(): MiddlewareObj {
  return {
    onError: ({ error }) => {
      logger.error(error?.message ?? 'failed', { error: error ?? {} })
    },
  }
}
