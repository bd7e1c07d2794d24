import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { chainArchive } from './archive.ts'
import { readHead } from './dynamo/codec.ts'
import { BadPayloadError } from './errors.ts'
import type { ObjectStore } from './stores.ts'

/** A record of the Heads stream, as delivered by Lambda or returned by the streams API. */
export type HeadsRecord = {
  readonly dynamodb?: {
    readonly SequenceNumber?: string | undefined
    readonly NewImage?: Readonly<Record<string, unknown>> | undefined
  }
}

/** The failed records, in the format of Lambda's partial batch responses. */
export type BatchResponse = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }

/** The most records at once: each payload is unpacked and hashed in memory. */
const AT_ONCE = 4

/**
 * Archives the payload of every head in a batch of stream records. A fence repeats its block and a retried batch
 * repeats all its records; both are harmless. Reports each error to `onFailure`. A head whose payload is a different
 * block (BadPayloadError) is reported and not archived, but does not count as failed: a retry cannot change it, and
 * later blocks must not wait.
 */
export async function archiveRecords(
  objects: ObjectStore,
  records: readonly HeadsRecord[],
  onFailure: (error: unknown, sequenceNumber: string) => void = () => {},
): Promise<BatchResponse> {
  const archive = async ({ dynamodb }: HeadsRecord) => {
    const itemIdentifier = dynamodb?.SequenceNumber ?? ''
    if (!dynamodb?.NewImage) return []
    try {
      const head = readHead(dynamodb.NewImage as Record<string, AttributeValue>)
      await chainArchive(objects, head.chain).put(head)
      return []
    } catch (error) {
      onFailure(error, itemIdentifier)
      return error instanceof BadPayloadError ? [] : [{ itemIdentifier }]
    }
  }
  const failures: Awaited<ReturnType<typeof archive>>[] = []
  const left = records.entries()
  const work = async () => {
    for (const [i, record] of left) failures[i] = await archive(record)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { batchItemFailures: failures.flat() }
}
