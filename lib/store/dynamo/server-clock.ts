import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type ClockWatch, gatherOffset, offsetOfDate } from '../../protocol/clocks.ts'

/** Compares our clock with the one in the Date header of each answer; returns what is known so far. */
export function watchServerClock(client: DynamoDBClient, now: () => number = Date.now): () => ClockWatch | undefined {
  let watch: ClockWatch | undefined
  client.middlewareStack.add(
    (next) => async (args) => {
      const sentAt = now()
      const result = await next(args)
      const receivedAt = now()
      const date = Date.parse((result.response as { headers?: Record<string, string> }).headers?.date ?? '')
      const look = Number.isNaN(date) ? undefined : offsetOfDate(date, sentAt, receivedAt)
      if (look) watch = gatherOffset(watch, look, receivedAt)
      return result
    },
    // Nearest to the wire: each try on its own, before its answer is read.
    { step: 'deserialize', priority: 'low', name: 'watchServerClock', override: true },
  )
  return () => watch
}
