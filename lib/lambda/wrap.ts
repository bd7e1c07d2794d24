import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import middy, { type MiddlewareObj } from '@middy/core'
import type { Context } from 'aws-lambda'
import type * as v from 'valibot'
import { readInput } from '../operations/engine/errors.ts'
import { logger } from './log.ts'

/** What a function makes of its event, once that is known to be one. */
export type Work<Input, Output> = (input: Input, context: Context) => Promise<Output>

/**
 * Makes a handler: its request in every log line, its event checked, then the work. Events are never
 * logged, whatever the environment says: they carry secrets.
 */
export function wrap<Schema extends v.GenericSchema, Output>(
  schema: Schema,
  work: Work<v.InferOutput<Schema>, Output>,
  middlewares: readonly MiddlewareObj<unknown, Output>[] = [],
) {
  return middy<unknown, Output>()
    .use(injectLambdaContext(logger, { logEvent: false }))
    .use([...middlewares])
    .use(logFailure())
    .handler(async (event: unknown, context: Context) =>
      work(readInput(schema, event) as v.InferOutput<Schema>, context),
    )
}

/** Who calls a function often sees less than its error; the log has all of it. */
function logFailure(): MiddlewareObj {
  return {
    onError: ({ error }) => {
      logger.error(error?.message ?? 'failed', { error: error ?? {} })
    },
  }
}
