import type { Engine, EngineAnswer } from './engine.ts'

/** An answer in the format of DynamoDB's HTTP API. */
export type DynamoAnswer = { readonly status: number; readonly body: string }

type Input = Readonly<Record<string, unknown>>

const reads = [
  'BatchGetItem',
  'DescribeStream',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'GetRecords',
  'GetShardIterator',
  'ListStreams',
  'ListTables',
  'Query',
  'Scan',
  'TransactGetItems',
]
const writes = [
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'PutItem',
  'TransactWriteItems',
  'UpdateItem',
  'UpdateTimeToLive',
]

/** Carries out DynamoDB's operations on an engine. */
export type Translate = (operation: string, body: string, isWanted: () => boolean) => Promise<DynamoAnswer>

/**
 * Passes DynamoDB's operations to the engine, the others to no one.
 *
 * A failed condition must return the item that failed it, which the engines omit. So writes are serialized (SQLite does
 * so anyway) and the item is read before the next write: nothing can come between. A write whose caller has gone
 * meanwhile is dropped.
 */
export function translateTo(engine: Engine): Translate {
  let last: Promise<unknown> = Promise.resolve()
  return async (operation, body, isWanted) => {
    const input = parse(body)
    if (!input) return refusal('SerializationException', 'the body is not a JSON object')
    if (reads.includes(operation)) return answerOf(await engine.call(operation, input))
    if (!writes.includes(operation)) return refusal('UnknownOperationException', 'there is no such operation')
    const write = last.then(async () => {
      if (!isWanted()) return refusal('RequestTimeout', 'the asker has gone')
      const answer = await engine.call(operation, input)
      return answer.failed ? await withItem(engine, answer, input) : answerOf(answer)
    })
    last = write.catch(() => {})
    return write
  }
}

/** A refusal with the present item, if the request asks for it. */
async function withItem(engine: Engine, answer: EngineAnswer, input: Input): Promise<DynamoAnswer> {
  const { type, message } = errorOf(answer)
  const { TableName, Key, ReturnValuesOnConditionCheckFailure } = input
  if (type !== 'ConditionalCheckFailedException' || ReturnValuesOnConditionCheckFailure !== 'ALL_OLD' || !Key) {
    return refusal(type, message)
  }
  const found = await engine.call('GetItem', { TableName, Key, ConsistentRead: true })
  const item = found.failed ? undefined : parse(found.text)?.Item
  return refusal(type, message, item === undefined ? {} : { Item: item })
}

function answerOf(answer: EngineAnswer): DynamoAnswer {
  if (!answer.failed) return { status: 200, body: answer.text }
  const { type, message } = errorOf(answer)
  return refusal(type, message)
}

function errorOf({ text }: EngineAnswer): { readonly type: string; readonly message: string } {
  const { error_type: type, message } = parse(text) ?? {}
  if (typeof type !== 'string') return { type: 'SerializationException', message: text }
  return { type, message: String(message) }
}

/** An error in DynamoDB's format. */
export function refusal(type: string, message: string, more: object = {}): DynamoAnswer {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message, ...more })
  return { status: type === 'InternalServerError' ? 500 : 400, body }
}

function parse(text: string): Input | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Input) : undefined
  } catch {
    return undefined
  }
}
