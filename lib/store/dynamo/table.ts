import { isDeepStrictEqual } from 'node:util'
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Write, Written } from '../../protocol/write.ts'
import { withDeadline } from '../deadline.ts'
import { type Item, toItem } from './attributes.ts'
import { DEFAULT_TIMEOUT_MS } from './client.ts'
import { compileWrite } from './compile-write.ts'

/** `timeoutMs`: hard end of each call; default 400. */
export type StoreOptions = { readonly timeoutMs?: number }

/** One table of single items: a strongly consistent read, and the conditional write. */
export function dynamoTable<R extends object>(
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
    return withDeadline<{ applied: boolean; item: Item | undefined; repeated: boolean }>(
      operation,
      `${table}/${key}`,
      timeoutMs,
      async (abortSignal) => {
        const { Attributes } = await client.send(new UpdateItemCommand(input), { abortSignal })
        return { applied: true, item: Attributes, repeated: false }
      },
      (error) => {
        if (!(error instanceof ConditionalCheckFailedException)) return undefined
        return { applied: false, item: error.Item, repeated: (error.$metadata.attempts ?? 1) > 1 }
      },
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

    /**
     * The conditional write; returns the whole new item, or the old one that refused it. A second
     * try that is refused by what the first one wrote was applied: its reply was lost.
     */
    async write(key: string, write: Write<R>): Promise<Written<R>> {
      const { applied, item, repeated } = await update('write', key, write, 'ALL_NEW')
      if (applied || (repeated && item && isResultOf(write, item))) return { applied: true, item: read(item ?? {}) }
      return { applied: false, old: item && read(item) }
    },

    /** The conditional write that asks for nothing back when it is applied. */
    async commit(key: string, write: Write<R>): Promise<{ applied: true } | { applied: false; old: R | undefined }> {
      const { applied, item } = await update('commit', key, write, 'NONE')
      return applied ? { applied } : { applied, old: item && read(item) }
    },
  }
}

/** Whether an item is as a write leaves it; a write that sets nothing leaves no trace to know it by. */
function isResultOf<R extends object>({ set, remove = [] }: Write<R>, item: Item): boolean {
  const fields = Object.entries(toItem(set))
  const written = fields.every(([field, attribute]) => isDeepStrictEqual(item[field], attribute))
  return fields.length > 0 && written && remove.every((field) => item[field] === undefined)
}
