import * as v from 'valibot'

/** What is read of an event of a DynamoDB stream. A record that is not a head is the archive's business. */
export const streamEvent = v.object({
  Records: v.array(
    v.object({
      eventName: v.exactOptional(v.string()),
      dynamodb: v.exactOptional(
        v.object({
          SequenceNumber: v.string(),
          NewImage: v.exactOptional(v.record(v.string(), v.unknown())),
        }),
      ),
    }),
  ),
})
