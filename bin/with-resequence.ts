import { systemClock } from '../lib/context/ports.ts'
import type { ResequenceConfig } from '../lib/operations/resequence/config.ts'
import { asTheOnlyOne, type Held } from '../lib/operations/resequence/lease.ts'
import { openResequence } from '../lib/operations/resequence/open.ts'
import type { RunContext } from '../lib/operations/resequence/run.ts'
import { openStores } from '../lib/serve/open-stores.ts'
import { PATIENT } from '../lib/store/dynamo/client.ts'
import { awsOfCli } from './aws.ts'

/** How a chain is worked on; `alone` = under the chain's lease for re-sequencing. */
export type Using = {
  readonly config: ResequenceConfig
  readonly by: string
  readonly say: (message: string) => void
  readonly signal: AbortSignal
  readonly alone: boolean
}

/** Opens the stores of a chain, does something with it, and closes them, whatever happens. */
export async function withResequence<T>(
  { config, by, say, signal, alone }: Using,
  use: (runContext: RunContext) => Promise<T>,
): Promise<T> {
  const aws = awsOfCli(config.store)
  const { stores, objects, close } = openStores(config.store, { ...PATIENT, aws })
  const open = (until: AbortSignal, held?: Held) =>
    openResequence({ config, stores, objects, by, say, signal: until, aws, ...(held && { held }) })
  try {
    if (!alone) return await use(open(signal))
    const lease = {
      leases: stores.monitorLease,
      clock: systemClock,
      chain: String(config.chain.id),
      by,
      signal,
      ttlMs: config.patience.leaseMs,
    }
    return await asTheOnlyOne(lease, (until, held) => use(open(until, held)))
  } finally {
    await close()
  }
}
