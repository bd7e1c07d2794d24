import { isDeepStrictEqual } from 'node:util'
import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Write, Written } from '../../protocol/write.ts'
import { withDeadline } from '../deadline.ts'
import { attributeOf, type Item, toItem } from './attributes.ts'
import { DEFAULT_TIMEOUT_MS } from './client.ts'
import { compileWrite } from './compile-write.ts'
import { readAlone, readTogether } from './read-items.ts'

export type StoreOptions = {
  /** Hard end of each call; default 400. */
  readonly timeoutMs?: number
  /** Reads of a table that are asked for within so many ms are one request. Default: each is one. */
  readonly gatherMs?: number
}

/** One table of single items: a strongly consistent read, and the conditional write. */
export function dynamoTable<R extends object>(
  client: DynamoDBClient,
  table: string,
  read: (item: Item) => R,
  { timeoutMs = DEFAULT_TIMEOUT_MS, gatherMs }: StoreOptions = {},
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
    /** A strongly consistent read; only of `fields` when given. */
    reader(fields?: readonly string[]): (key: string) => Promise<R | undefined> {
      const options = { timeoutMs, fields }
      const item =
        gatherMs === undefined
          ? readAlone(client, table, options)
          : readTogether(client, table, { ...options, gatherMs })
      return async (key) => {
        const found = await item(key)
        return found && read(found)
      }
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
  return fields.length > 0 && written && remove.every((field) => item[attributeOf(field)] === undefined)
}
