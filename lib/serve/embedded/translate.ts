import type { Engine, EngineAnswer } from './engine.ts'

/** An answer in the format of DynamoDB's HTTP API. */
export type DynamoAnswer = { readonly status: number; readonly body: string }

type Input = Readonly<Record<string, unknown>>

/** DynamoDB's operations that read, and those that write, by the names of the engine's tools. */
const reads = [
  'batch_get_item',
  'describe_stream',
  'describe_table',
  'describe_time_to_live',
  'get_item',
  'get_records',
  'get_shard_iterator',
  'list_streams',
  'list_tables',
  'query',
  'scan',
  'transact_get_items',
]
const writes = [
  'batch_write_item',
  'create_table',
  'delete_item',
  'delete_table',
  'put_item',
  'transact_write_items',
  'update_item',
  'update_time_to_live',
]

/** Carries out DynamoDB's operations on an engine. */
export type Translate = (operation: string, body: string, isWanted: () => boolean) => Promise<DynamoAnswer>

/**
 * Translates DynamoDB's operations to the engine's tools: the same fields in another case.
 *
 * A failed condition must return the item that failed it, which the engine omits. So writes are serialized (SQLite does
 * so anyway) and the item is read before the next write: nothing can come between. A write whose caller has gone
 * meanwhile is dropped.
 */
export function translateTo(engine: Engine): Translate {
  let last: Promise<unknown> = Promise.resolve()
  return async (operation, body, isWanted) => {
    const tool = inSnakeCase(operation)
    const input = parse(body)
    if (!input) return refusal('SerializationException', 'the body is not a JSON object')
    if (reads.includes(tool)) return answerOf(await engine.call(tool, argumentsOf(tool, input)))
    if (!writes.includes(tool)) return refusal('UnknownOperationException', 'there is no such operation')
    const write = last.then(async () => {
      if (!isWanted()) return refusal('RequestTimeout', 'the asker has gone')
      const answer = await engine.call(tool, argumentsOf(tool, input))
      return answer.failed ? await withItem(engine, answer, input) : answerOf(answer)
    })
    last = write.catch(() => {})
    return write
  }
}

function argumentsOf(tool: string, input: Input): Input {
  const given = Object.fromEntries(Object.entries(input).map(([field, value]) => [inSnakeCase(field), value]))
  return tool === 'describe_table' ? { ...given, raw: true } : given
}

/** A refusal with the present item, if the request asks for it. */
async function withItem(engine: Engine, answer: EngineAnswer, input: Input): Promise<DynamoAnswer> {
  const { type, message } = errorOf(answer)
  const { TableName, Key, ReturnValuesOnConditionCheckFailure } = input
  if (type !== 'ConditionalCheckFailedException' || ReturnValuesOnConditionCheckFailure !== 'ALL_OLD' || !Key) {
    return refusal(type, message)
  }
  const found = await engine.call('get_item', { table_name: TableName, key: Key, consistent_read: true })
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

function inSnakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase()
}

function parse(text: string): Input | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Input) : undefined
  } catch {
    return undefined
  }
}
