import * as v from 'valibot'
import { type StackName, stacks } from '../host/stacks.ts'
import type { Policy } from '../protocol/policy.ts'
import { account, region, text, url, wsUrl } from './fields.ts'

const name = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/))
const integer = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))
const port = integer(1, 65_535)
const address = v.strictObject({ host: v.optional(text, '127.0.0.1'), port })
/** Without a secret the page serves this machine only: the server sees to that, since the secret is no field. */
const pageAddress = v.strictObject({ host: v.optional(v.pipe(text, v.regex(/^[A-Za-z0-9.:-]+$/)), '127.0.0.1'), port })

const DAY_MS = 86_400_000
const time = v.exactOptional(integer(1, DAY_MS))
const pause = v.exactOptional(integer(0, DAY_MS))
const count = v.exactOptional(integer(0, 1_000_000))
const lag = v.exactOptional(
  v.pipe(
    integer(0, 1_000_000),
    v.transform((blocks) => BigInt(blocks)),
  ),
)

/** valibot takes a list for an object without fields. */
const notAList = v.custom<object>((value) => !Array.isArray(value))

const policy = v.strictObject({
  slackMs: time,
  silentLooks: v.exactOptional(integer(1, 100)),
  stallMs: time,
  verifyMs: time,
  leaseMs: time,
  maxLag: lag,
  maxSwitchoverLag: lag,
  holdMs: pause,
  budgetPerHour: count,
  cooldownMs: pause,
  l1FrozenMs: time,
  minPeers: count,
  boostPartialLimit: count,
  boostPartialIntervalMs: time,
  flashblocksSilentMs: time,
} satisfies Record<Exclude<keyof Policy, 'blockTimeMs'>, unknown>)

const secret = v.union([v.pipe(v.string(), v.minLength(8)), v.strictObject({ env: text })])

const stackNames = Object.keys(stacks) as StackName[]
const parameter = v.pipe(v.string(), v.regex(/^\/[\w./-]{1,1000}$/))
const words = v.tupleWithRest([text], text)

/** How to run prepared steps on a node's machine; lib/host has the stacks. */
export const hostSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('shell'),
    stack: v.picklist(stackNames),
    restore: v.exactOptional(v.boolean()),
    commands: v.exactOptional(v.pipe(notAList, v.record(name, words))),
  }),
  v.strictObject({
    kind: v.literal('ssm'),
    stack: v.picklist(stackNames),
    restore: v.exactOptional(v.boolean()),
    instance: v.pipe(v.string(), v.regex(/^m?i-[0-9a-f]{8,17}$/)),
    documents: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{1,60}$/)), 'Baton'),
    region: v.exactOptional(region),
  }),
])

/** The engine's secret is read when the engine is first used: the gate never needs it. */
const jwt = v.union([v.strictObject({ env: text }), v.strictObject({ file: text }), v.strictObject({ ssm: parameter })])

/** rollup-boost beside a node; op-conductor's two forms of its health endpoint. */
const boost = v.strictObject({
  health: url,
  form: v.optional(v.picklist(['status', 'json']), 'status'),
  timeoutMs: v.optional(integer(10, 60_000), 5_000),
})

const node = v.strictObject({
  name,
  zone: text,
  priority: v.optional(integer(-1000, 1000), 0),
  noFailover: v.optional(v.boolean(), false),
  derivesFrom: v.exactOptional(name),
  consensus: url,
  execution: url,
  engine: v.exactOptional(v.strictObject({ url, jwt })),
  host: v.exactOptional(hostSchema),
  boost: v.exactOptional(boost),
  flashblocks: v.exactOptional(wsUrl),
  secrets: v.pipe(v.array(secret), v.minLength(1), v.maxLength(2)),
})

/** The place of records and objects. */
export const storeSchema = v.strictObject({
  endpoint: v.exactOptional(url),
  region: v.exactOptional(text),
  tables: v.exactOptional(v.strictObject({ heads: text, leases: text, history: text })),
  objects: v.variant('kind', [
    v.strictObject({ kind: v.literal('folder'), path: text }),
    v.strictObject({
      kind: v.literal('s3'),
      bucket: text,
      payloads: v.exactOptional(text),
      endpoint: v.exactOptional(url),
    }),
  ]),
})

/** The name of a deployment on AWS, as `name` in baton.config.json. */
const deployment = v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9-]{0,30}$/))

const l1 = v.strictObject({
  rpc: url,
  blockTime: v.optional(v.pipe(v.number(), v.minValue(0.05), v.maxValue(3_600)), 12),
  batcher: v.exactOptional(account),
  proposer: v.exactOptional(account),
  batchInbox: v.exactOptional(account),
})

const oneOrTwo = v.pipe(v.array(secret), v.minLength(1), v.maxLength(2))

/** The gate's address, and the secrets of those who call it and are no node. */
const gate = v.strictObject({
  ...address.entries,
  readers: v.exactOptional(oneOrTwo),
  batchers: v.exactOptional(oneOrTwo),
  operators: v.exactOptional(oneOrTwo),
})

/** A chain's configuration as written. Rules that span several fields are checked afterwards. */
export const configSchema = v.strictObject({
  chain: v.strictObject({
    id: integer(1, Number.MAX_SAFE_INTEGER),
    name: text,
    blockTime: v.exactOptional(v.pipe(v.number(), v.minValue(0.05), v.maxValue(60))),
    blockTimeMs: v.exactOptional(integer(50, 60_000)),
  }),
  nodes: v.pipe(v.array(node), v.minLength(1)),
  policy: v.optional(v.pipe(notAList, policy), {}),
  probeTimeoutMs: v.exactOptional(integer(10, 10_000)),
  gate: v.optional(gate, { port: 8547 }),
  page: v.optional(pageAddress, { port: 8549 }),
  metrics: v.optional(address, { port: 7300 }),
  store: v.exactOptional(storeSchema),
  cloudwatch: v.exactOptional(v.strictObject({ baton: deployment })),
  l1: v.exactOptional(l1),
  recovery: v.optional(v.picklist(['auto', 'ask']), 'ask'),
  /** For editors only. */
  $schema: v.exactOptional(text),
})

/** The output of {@link configSchema}. */
export type WrittenConfig = v.InferOutput<typeof configSchema>
