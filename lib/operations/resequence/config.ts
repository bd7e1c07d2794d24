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
  /** How long nobody else may begin after this process was last seen. */
  leaseMs: time(60_000),
  /** Between two looks. */
  pollMs: time(2_000),
  /** Until a started node answers. */
  startMs: time(300_000),
  /** Until no process has the database open any more, after its stop. */
  stopMs: time(60_000),
  /** Until the sequencer has come to the batch it halts before. */
  haltMs: time(1_800_000),
  /** Without a new block, while batches are built anew. */
  stallMs: time(600_000),
  /** While a recovery reads L1, and builds no block yet. */
  syncMs: time(4 * 3_600_000),
  /** Until L1 has the rollback, and it is final: a person sends it. */
  rollbackMs: time(4 * 3_600_000),
  /** Until all batches are on L1, before a recovery from it. */
  settleMs: time(4 * 3_600_000),
  /** Until the nodes that follow have the same blocks. */
  followersMs: time(1_800_000),
  /** Until new batches reach L1 again. */
  reachL1Ms: time(3_600_000),
})

const schema = v.strictObject({
  chain: v.strictObject({
    id: v.pipe(v.number(), v.integer(), v.minValue(1)),
    name: text,
    /** The name cdk-erigon knows it by: `dynamic-mynet`. */
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
  /** What sends batches and proofs to L1; absent = on the sequencer's machine. */
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
  /** The most batches one run may build anew. */
  mostBatches: count(5_000, 100_000),
  /** The most batches one old one may become: beyond it, the node is in a loop. */
  mostParts: count(64, 10_000),
  /** Kept blocks that are compared. */
  prefix: count(256, 10_000),
  patience: v.optional(patience, {}),
})

/** The configuration of a re-sequencing, complete and checked. See docs/resequence.md. */
export type ResequenceConfig = v.InferOutput<typeof schema>

/**
 * Reads the configuration of a chain that can be re-sequenced.
 *
 * @throws ConfigurationError naming every field that is wrong.
 */
export async function loadResequenceConfig(path: string): Promise<ResequenceConfig> {
  const json = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new ConfigurationError(path, [{ path: '', problem: cause.message, write: 'the path of a JSON file' }], cause)
  })
  return parseResequenceConfig(parseJson(json, path), path)
}

/** Checks a configuration. Throws as {@link loadResequenceConfig}; `source` is where it was found, for people. */
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
