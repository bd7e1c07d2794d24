import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { chainArchive } from './archive.ts'
import { readHead } from './dynamo/codec.ts'
import { BadPayloadError } from './errors.ts'
import type { ObjectStore } from './stores.ts'

/** A record of the Heads stream, as Lambda delivers it or as the streams API returns it. */
export type HeadsRecord = {
  readonly dynamodb?: {
    readonly SequenceNumber?: string | undefined
    readonly NewImage?: Readonly<Record<string, unknown>> | undefined
  }
}

/** Which records failed, in the shape of Lambda's partial batch responses. */
export type BatchResponse = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }

/** A payload is unpacked and hashed in memory: so many at a time. */
const AT_ONCE = 4

/**
 * Archives the payload of every head in a batch of stream records. A record of a fence repeats its
 * block, a retried batch repeats all: both are harmless. `onFailure` is told each error. A head whose
 * payload is not that block (BadPayloadError) is told and not archived; it did not fail: no retry would
 * change it, and the blocks after it must not wait.
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
