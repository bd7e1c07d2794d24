import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { decisionOf } from '../lib/lambda/decision-event.ts'
import { readEnvironment } from '../lib/lambda/environment.ts'
import { powertoolsLog } from '../lib/lambda/log.ts'
import { eventBus } from '../lib/lambda/put-events.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { readHistoryRecord } from '../lib/store/dynamo/codec.ts'

const { name, region } = readEnvironment()
const log = powertoolsLog()
const put = eventBus(region)

/** The fields read from the stream of History. */
const streamEvent = v.object({
  Records: v.array(
    v.object({
      eventName: v.exactOptional(v.string()),
      dynamodb: v.object({
        SequenceNumber: v.string(),
        NewImage: v.exactOptional(v.record(v.string(), v.unknown())),
      }),
    }),
  ),
})

/**
 * Puts each new record of the history on the event bus, from any writer: a monitor, an operation, the page, the command
 * line. A record that is counted up (the same act again) or expires is not announced again. Lambda delivers what was not
 * taken once more, so an event may come twice; its `id` is the same.
 */
export const handler = wrap(streamEvent, async ({ Records }) => {
  const decisions = Records.flatMap(({ eventName, dynamodb: { NewImage, SequenceNumber } }) => {
    if (eventName !== 'INSERT' || !NewImage) return []
    try {
      const record = readHistoryRecord(NewImage as Record<string, AttributeValue>)
      return [{ SequenceNumber, decision: decisionOf(name, record) }]
    } catch (error) {
      // Another try reads the same, and later decisions must not wait for it.
      log.error('a record of the history is no decision that this version knows', { SequenceNumber, error })
      return []
    }
  })
  const taken = await put(decisions.map(({ decision }) => decision))
  return { batchItemFailures: decisions.slice(taken).map(({ SequenceNumber }) => ({ itemIdentifier: SequenceNumber })) }
})
