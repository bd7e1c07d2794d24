import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Write, Written } from '../../protocol/write.ts'
import { withDeadline } from '../deadline.ts'
import type { Item } from './attributes.ts'
import { DEFAULT_TIMEOUT_MS } from './client.ts'
import { compileWrite } from './compile-write.ts'

/** `timeoutMs`: hard end of each call; default 400. */
export type StoreOptions = { readonly timeoutMs?: number }

/** One table of single items: a strongly consistent read, and the conditional write. */
export function dynamoTable<R>(
  client: DynamoDBClient,
  table: string,
  read: (item: Item) => R,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: StoreOptions = {},
) {
  const update = async (operation: string, key: string, write: Write<R>, returned: 'ALL_NEW' | 'NONE') => {
    const input = {
      TableName: table,
      Key: { chain: { S: key } },
      ...compileWrite(write),
      ReturnValues: returned,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    }
    return withDeadline<{ applied: boolean; item: Item | undefined }>(
      operation,
      `${table}/${key}`,
      timeoutMs,
      async (abortSignal) => {
        const { Attributes } = await client.send(new UpdateItemCommand(input), { abortSignal })
        return { applied: true, item: Attributes }
      },
      (error) => (error instanceof ConditionalCheckFailedException ? { applied: false, item: error.Item } : undefined),
    )
  }

  return {
    /** Strongly consistent; only `fields` when given. */
    async get(key: string, fields?: readonly string[]): Promise<R | undefined> {
      const projection = fields && {
        ProjectionExpression: fields.map((_, i) => `#${i}`).join(', '),
        ExpressionAttributeNames: Object.fromEntries(fields.map((field, i) => [`#${i}`, field])),
      }
      const input = { TableName: table, Key: { chain: { S: key } }, ConsistentRead: true, ...projection }
      const { Item } = await withDeadline('read', `${table}/${key}`, timeoutMs, (abortSignal) =>
        client.send(new GetItemCommand(input), { abortSignal }),
      )
      return Item && read(Item)
    },

    /** The conditional write; returns the whole new item, or the old one that refused it. */
    async write(key: string, write: Write<R>): Promise<Written<R>> {
      const { applied, item } = await update('write', key, write, 'ALL_NEW')
      if (applied) return { applied, item: read(item ?? {}) }
      return { applied, old: item && read(item) }
    },

    /** The conditional write that asks for nothing back when it is applied. */
    async commit(key: string, write: Write<R>): Promise<{ applied: true } | { applied: false; old: R | undefined }> {
      const { applied, item } = await update('commit', key, write, 'NONE')
      return applied ? { applied } : { applied, old: item && read(item) }
    },
  }
}
