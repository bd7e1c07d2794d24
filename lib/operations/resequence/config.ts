import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { ConfigurationError, parseJson } from '../../config/error.ts'
import { account, text, url, urlProblemOf } from '../../config/fields.ts'
import { hostSchema, storeSchema } from '../../config/schema.ts'

const DAY_MS = 86_400_000
const time = (ms: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7 * DAY_MS)), ms)
const count = (n: number, most: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most)), n)

/** How long each wait may take, ms. */
const patience = v.strictObject({
  /** One request to a node. */
  rpcMs: time(30_000),
  /** How long this process keeps the lease after its last renewal. */
  leaseMs: time(60_000),
  /** Polling interval. */
  pollMs: time(2_000),
  /** Until a started node answers. */
  startMs: time(300_000),
  /** Until no process has the database open, after a stop. */
  stopMs: time(60_000),
  /** Until the sequencer reaches the batch it halts before. */
  haltMs: time(1_800_000),
  /** Without a new block, while batches are rebuilt. */
  stallMs: time(600_000),
  /** While a recovery reads L1 and builds no block yet. */
  syncMs: time(4 * 3_600_000),
  /** Until the rollback is on L1 and final: a person sends it. */
  rollbackMs: time(4 * 3_600_000),
  /** Until all batches are on L1, before a recovery from it. */
  settleMs: time(4 * 3_600_000),
  /** Until the followers have the same blocks. */
  followersMs: time(1_800_000),
  /** Until new batches reach L1 again. */
  reachL1Ms: time(3_600_000),
})

const schema = v.strictObject({
  chain: v.strictObject({
    id: v.pipe(v.number(), v.integer(), v.minValue(1)),
    name: text,
    /** The name in cdk-erigon: `dynamic-mynet`. */
    erigon: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,62}$/)),
  }),
  sequencer: v.strictObject({
    rpc: url,
    host: hostSchema,
    /** The node keeps only the second version of the state tree. */
    onlySmtV2: v.optional(v.boolean(), false),
    /** The node knows `zkevm.seal-batch-immediately-on-overflow` (2.64 and later). */
    sealOnOverflow: v.optional(v.boolean(), false),
  }),
  /** The host that sends batches and proofs to L1; absent = the sequencer's machine. */
  l1Clients: v.exactOptional(v.strictObject({ host: hostSchema })),
  followers: v.optional(v.array(v.strictObject({ name: text, rpc: url })), []),
  l1: v.strictObject({
    rpc: url,
    manager: account,
    rollup: account,
    firstBlock: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.transform((n) => BigInt(n)),
      ),
      0,
    ),
  }),
  store: storeSchema,
  /** The most batches one run may rebuild. */
  mostBatches: count(5_000, 100_000),
  /** The most batches that one old batch may become: beyond it, the node is in a loop. */
  mostParts: count(64, 10_000),
  /** Number of kept blocks to compare. */
  prefix: count(256, 10_000),
  patience: v.optional(patience, {}),
})

/** The configuration of a re-sequencing, complete and checked. See docs/resequence.md. */
export type ResequenceConfig = v.InferOutput<typeof schema>

/**
 * Reads the configuration of a re-sequencing.
 *
 * @throws ConfigurationError naming every invalid field.
 */
export async function loadResequenceConfig(path: string): Promise<ResequenceConfig> {
  const json = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new ConfigurationError(path, [{ path: '', problem: cause.message, write: 'the path of a JSON file' }], cause)
  })
  return parseResequenceConfig(parseJson(json, path), path)
}

/** Checks a configuration. Throws as {@link loadResequenceConfig}; `source` names its origin in the error. */
export function parseResequenceConfig(written: unknown, source: string): ResequenceConfig {
  const result = v.safeParse(schema, written)
  if (result.success) return result.output
  const problems = result.issues.map((issue) => ({
    path: v.getDotPath(issue) ?? '',
    problem: issue.received === 'undefined' ? 'is missing' : (urlProblemOf(issue) ?? 'is not allowed'),
    write:
      issue.expected === 'never'
        ? 'nothing: there is no such field'
        : urlProblemOf(issue) === undefined
          ? issue.message
          : 'an http(s) URL',
  }))
  throw new ConfigurationError(source, problems)
}
