import { ConfigurationError } from '../config/error.ts'
import { parameterNames } from '../config/parameter-names.ts'
import { parseJson } from '../config/syntax.ts'
import { systemClock } from '../context/system-clock.ts'
import { parseResequenceConfig, type ResequenceConfig } from '../operations/resequence/config.ts'
import { asker, ownerOf, type StepInput } from '../operations/resequence/lambda/input.ts'
import { asTheOnlyOne, type Held } from '../operations/resequence/lease.ts'
import { openResequence } from '../operations/resequence/open.ts'
import type { Carrier } from '../operations/resequence/run.ts'
import type { ReadParameters } from '../store/parameters.ts'
import type { ObjectStore, Stores } from '../store/stores.ts'
import type { Environment } from './environment.ts'

/** A slice begins nothing new after this time, ms; what it waits for then may take seven minutes more. */
const SLICE_MS = 240_000

/** What a slice is carried with. */
export type Slicing = {
  readonly config: ResequenceConfig
  readonly stores: Stores
  readonly objects: ObjectStore
  readonly say: (message: string) => void
  readonly sliceMs?: number
}

/** Opens a chain for one step; a run is carried by one execution at a time, in as many slices as it takes. */
export async function withCarrier<T>(
  { config, stores, objects, say, sliceMs = SLICE_MS }: Slicing,
  input: StepInput,
  use: (carrier: Carrier) => Promise<T>,
): Promise<T> {
  const by = asker(input)
  const { since } = input
  const open = (signal: AbortSignal, held?: Held) => {
    const how = { ...(since !== undefined && { since }), ...(held && { held }) }
    return openResequence({ config, stores, objects, by, say, signal, ...how })
  }
  if (input.step === 'plan') return await use(open(new AbortController().signal))
  const lease = {
    leases: stores.monitorLease,
    clock: systemClock,
    chain: String(config.chain.id),
    by,
    signal: AbortSignal.timeout(sliceMs),
    ttlMs: config.patience.leaseMs,
    owner: ownerOf(input),
    // Between two slices no other process may begin.
    keeps: isUndone,
  }
  return await asTheOnlyOne(lease, (until, held) => use(open(until, held)))
}

const isUndone = (carried: unknown): boolean =>
  typeof carried === 'object' && carried !== null && 'done' in carried && carried.done === false

/**
 * Reads the configuration of a chain that can be re-sequenced; where things are kept is this deployment's.
 *
 * @throws ConfigurationError
 */
export async function readResequenceConfig(
  read: ReadParameters,
  { parameters, bucket, tables }: Environment,
  chain: string,
): Promise<ResequenceConfig> {
  const name = parameterNames(parameters, chain).resequence
  const found = (await read([name])).get(name)
  if (!found) {
    const write = 'the chain to the deployment, see docs/resequence.md'
    throw new ConfigurationError(name, [{ path: '', problem: 'there is no such parameter', write }])
  }
  const written = parseJson(found.value, name) as object
  return parseResequenceConfig({ ...written, store: { tables, objects: { kind: 's3', bucket } } }, name)
}
