import * as v from 'valibot'
import type { Hash } from '../../protocol/block.ts'
import { type Reason, type ReasonCode, reason, reasonTexts } from '../../protocol/reason.ts'
import type { Head, HistoryRecord, Lease } from '../../protocol/records.ts'
import { CorruptRecordError } from '../errors.ts'
import type { MonitorLease } from '../stores.ts'
import { fromItem, type Item } from './attributes.ts'

const text = v.string()
const natural = v.pipe(v.bigint(), v.minValue(0n))
/** A count, a term or a time in ms: a number in the record, an integer in the item. */
const integer = v.pipe(natural, v.maxValue(BigInt(Number.MAX_SAFE_INTEGER)), v.transform(Number))
const hash = v.custom<Hash>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value), 'not a block hash')
const blockId = v.object({ number: natural, hash })
const bytes = v.instance(Uint8Array)

const fact = v.union([text, v.boolean(), v.number(), v.pipe(v.bigint(), v.transform(Number))])
const evidence = v.record(text, fact)
/** Keeps codes of a newer version as text: they must not make a lease unreadable after a roll-back. */
const known = (code: string): code is ReasonCode => Object.hasOwn(reasonTexts, code)
/** Reason codes of version 0.1. */
const RENAMED: Readonly<Record<string, ReasonCode>> = { 'turns-fail': 'monitor-errors', 'l1-unwatched': 'l1-rpc-down' }
const reasonCode = v.pipe(
  text,
  v.transform((code) => RENAMED[code] ?? code),
)
const reasonSchema = v.pipe(
  v.object({ code: reasonCode, node: v.exactOptional(text), evidence }),
  v.transform(
    ({ code, node, evidence }): Reason =>
      known(code)
        ? reason(code, evidence, node)
        : reason('operator', { message: `${code} ${JSON.stringify(evidence)}` }, node),
  ),
)
const cause = v.object({
  code: v.pipe(
    reasonCode,
    v.transform((code): ReasonCode => (known(code) ? code : 'operator')),
  ),
  by: text,
  id: v.exactOptional(text),
  order: v.exactOptional(integer),
})

const actor = v.object({ kind: v.picklist(['baton', 'operator']), name: text })

const headEntries = {
  chain: text,
  number: natural,
  hash,
  parentHash: hash,
  timestamp: natural,
  l1Origin: v.exactOptional(blockId),
  payload: v.exactOptional(bytes),
  payloadRef: v.exactOptional(text),
  leader: text,
  term: integer,
  committedTerm: integer,
  committedAt: integer,
  fencedAt: integer,
  revertedFrom: v.exactOptional(v.object({ ...blockId.entries, parentHash: hash })),
  moved: v.exactOptional(v.object({ from: blockId, to: blockId, by: actor, at: integer, why: reasonSchema })),
}
const headSchema = v.pipe(
  v.object(headEntries),
  v.check(({ payload, payloadRef }) => !(payload && payloadRef), 'both payload and payloadRef'),
)

/** The fields of a head that are cheap to read. */
export const headFieldsWithoutPayload = Object.keys(headEntries).filter((field) => field !== 'payload')

const quarantineSchema = v.object({
  since: integer,
  why: text,
  by: text,
  kind: v.exactOptional(text),
  owner: v.exactOptional(text),
  heardAt: v.exactOptional(integer),
  version: v.exactOptional(text),
})

const leaseSchema = v.object({
  chain: text,
  leader: text,
  term: integer,
  cause,
  previousLeader: text,
  grantedAt: integer,
  renewedAt: integer,
  expiresAt: integer,
  mode: v.picklist(['auto', 'paused', 'hold']),
  modeBy: text,
  modeAt: integer,
  modeOrder: v.exactOptional(integer),
  armedAt: integer,
  tried: v.array(text),
  grants: v.array(integer),
  cooldownUntil: integer,
  quarantine: v.record(text, quarantineSchema),
  switchover: v.exactOptional(
    v.object({
      id: text,
      to: v.exactOptional(text),
      notBefore: integer,
      by: text,
      force: v.boolean(),
      askedAt: v.exactOptional(integer),
      latest: v.exactOptional(integer),
      order: v.exactOptional(integer),
    }),
  ),
  droppedSwitchover: v.exactOptional(
    v.object({
      id: text,
      outcome: v.picklist(['refused', 'withdrawn']),
      by: text,
      why: v.exactOptional(reasonSchema),
    }),
  ),
  upgrade: v.exactOptional(
    v.object({
      to: text,
      by: text,
      owner: v.exactOptional(text),
      since: integer,
      heardAt: integer,
      node: v.exactOptional(text),
      done: v.exactOptional(v.array(text)),
    }),
  ),
  genesis: v.exactOptional(hash),
  orders: integer,
})

const historySchema = v.object({
  chain: text,
  id: text,
  at: integer,
  actor,
  what: text,
  term: integer,
  head: natural,
  node: v.exactOptional(text),
  reasons: v.array(reasonSchema),
  count: v.exactOptional(integer),
  lastAt: v.exactOptional(integer),
})

const monitorLeaseSchema = v.object({
  owner: text,
  until: integer,
  since: integer,
  waiting: v.exactOptional(v.object({ owner: text, until: integer })),
  proved: v.exactOptional(v.object({ by: text, ways: v.record(text, v.object({ peer: text, age: integer })) })),
})

function reader<R>(kind: string, schema: v.GenericSchema<unknown, R>): (item: Item) => R {
  return (item) => {
    const result = v.safeParse(schema, fromItem(item), { abortEarly: true })
    if (result.success) return result.output
    const issue = result.issues[0]
    const name = [item.chain?.S, item.id?.S].filter(Boolean).join('/')
    throw new CorruptRecordError(`the ${kind} item "${name}"`, `${v.getDotPath(issue) ?? kind}: ${issue.message}`)
  }
}

/** Parse items into records. Each throws {@link CorruptRecordError} naming the invalid field. */
export const readHead: (item: Item) => Head = reader('Heads', headSchema)
export const readLease: (item: Item) => Lease = reader('Leases', leaseSchema)
export const readHistoryRecord: (item: Item) => HistoryRecord = reader('History', historySchema)
export const readMonitorLease: (item: Item) => MonitorLease = reader('Leases', monitorLeaseSchema)
