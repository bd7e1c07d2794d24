import { setTimeout as sleep } from 'node:timers/promises'
import {
  type _Record,
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams'
import type { BatchResponse } from './archive-records.ts'
import { StoreUnavailableError } from './errors.ts'

/** How far each shard was read: the last sequence number handled, or `done` for a closed shard read to its end. */
export type StreamPosition = Readonly<Record<string, string | 'done'>>

/** What a stream is read with. */
export type FollowStream = {
  readonly client: DynamoDBStreamsClient
  readonly streamArn: string
  /** Where to go on; `{}` = from the oldest record there is. */
  readonly position: StreamPosition
  /** Handles records in order; those it names as failed come again, with all after them. */
  handle(records: readonly _Record[]): Promise<BatchResponse>
  /** Keeps the position, after each batch that was handled. */
  save(position: StreamPosition): Promise<void>
  /** Told when the store does not answer (the loop goes on), and when records were trimmed before they were read. */
  onTrouble(error: unknown): void
  readonly signal: AbortSignal
  /** Pause between empty reads in ms; default 150. */
  readonly pollMs?: number
}

/** How often new shards are looked for (DynamoDB opens one about every four hours). */
const SHARDS_MS = 30_000

/**
 * Reads a stream until `signal` aborts: parents before their children, each record at least once,
 * in the order of its shard.
 */
export async function followStream(follow: FollowStream): Promise<void> {
  const { client, streamArn, signal, pollMs = 150 } = follow
  const iterators = new Map<string, string>()
  let position: StreamPosition = follow.position
  let shards: Shard[] = []
  let listedAt = Number.NEGATIVE_INFINITY

  const readShard = async (id: string): Promise<boolean> => {
    const iterator = iterators.get(id) ?? (await openShard(follow, id, position[id]))
    iterators.delete(id)
    const { Records = [], NextShardIterator: next } = await client.send(
      new GetRecordsCommand({ ShardIterator: iterator, Limit: 100 }),
      { abortSignal: signal },
    )
    const { batchItemFailures } = Records.length > 0 ? await follow.handle(Records) : { batchItemFailures: [] }
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
    const first = Records.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ''))
    const handled = failed.size === 0 ? Records : Records.slice(0, Math.max(first, 0))
    const last = handled.at(-1)?.dynamodb?.SequenceNumber
    const reached = failed.size === 0 && next === undefined ? 'done' : last
    if (reached !== undefined) {
      position = { ...position, [id]: reached }
      await follow.save(position)
    }
    if (failed.size === 0 && next !== undefined) iterators.set(id, next)
    if (reached === 'done') listedAt = Number.NEGATIVE_INFINITY
    return handled.length > 0
  }

  while (!signal.aborted) {
    let busy = false
    try {
      if (Date.now() - listedAt > SHARDS_MS) {
        shards = await listShards(client, streamArn, signal)
        position = keepKnown(position, shards)
        listedAt = Date.now()
      }
      for (const id of readable(shards, position)) busy = (await readShard(id)) || busy
    } catch (error) {
      if (signal.aborted) return
      iterators.clear()
      if (!(error instanceof ExpiredIteratorException)) {
        follow.onTrouble(new StoreUnavailableError('read the stream', streamArn, error))
      }
    }
    if (!busy) await sleep(pollMs, undefined, { signal }).catch(() => {})
  }
}

/** Shards not read to their end whose parents are, or are gone. */
function readable(shards: readonly Shard[], position: StreamPosition): string[] {
  const open = new Set(shards.flatMap(({ ShardId: id }) => (id && position[id] !== 'done' ? [id] : [])))
  return shards.flatMap(({ ShardId: id, ParentShardId: parent }) =>
    id && open.has(id) && !(parent && open.has(parent)) ? [id] : [],
  )
}

/** Forgets shards the stream no longer has. */
function keepKnown(position: StreamPosition, shards: readonly Shard[]): StreamPosition {
  const known = new Set(shards.map(({ ShardId }) => ShardId))
  return Object.fromEntries(Object.entries(position).filter(([id]) => known.has(id)))
}

async function listShards(
  client: DynamoDBStreamsClient,
  streamArn: string,
  abortSignal: AbortSignal,
): Promise<Shard[]> {
  const shards: Shard[] = []
  let from: string | undefined
  do {
    const input = { StreamArn: streamArn, ...(from !== undefined && { ExclusiveStartShardId: from }) }
    const { StreamDescription } = await client.send(new DescribeStreamCommand(input), { abortSignal })
    shards.push(...(StreamDescription?.Shards ?? []))
    from = StreamDescription?.LastEvaluatedShardId
  } while (from !== undefined)
  return shards
}

async function openShard(follow: FollowStream, shard: string, after: string | undefined): Promise<string> {
  const { client, streamArn, signal, onTrouble } = follow
  const open = async (
    from:
      | { ShardIteratorType: 'TRIM_HORIZON' }
      | { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER'; SequenceNumber: string },
  ) => {
    const input = { StreamArn: streamArn, ShardId: shard, ...from }
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(input), { abortSignal: signal })
    return ShardIterator ?? ''
  }
  if (after === undefined) return open({ ShardIteratorType: 'TRIM_HORIZON' })
  try {
    return await open({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after })
  } catch (error) {
    if (!(error instanceof TrimmedDataAccessException)) throw error
    onTrouble(error)
    return open({ ShardIteratorType: 'TRIM_HORIZON' })
  }
}
