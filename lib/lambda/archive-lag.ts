import * as v from 'valibot'
import type { BatchResponse, HeadsRecord } from '../store/archive-records.ts'
import type { HeadStore } from '../store/stores.ts'

/** How many blocks a chain's archive lags behind its head. */
export type Lag = { readonly chain: string; readonly blocks: number }

/** The shortest interval between reads of the head: a read costs as much as its payload is long. */
const EVERY_MS = 10_000

const image = v.object({ chain: v.object({ S: v.string() }), number: v.object({ N: v.string() }) })

/**
 * Measures the archive's lag after a batch: the committed number minus the newest number up to which the whole batch is
 * archived. Measures each chain every ten seconds at most, but always after a failure.
 */
export function archiveLag(
  heads: Pick<HeadStore, 'read'>,
  now: () => number = Date.now,
): (records: readonly HeadsRecord[], response: BatchResponse) => Promise<readonly Lag[]> {
  const measuredAt = new Map<string, number>()
  return async (records, { batchItemFailures }) => {
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
    const due = [...archivedNumbers(records, failed)].filter(
      ([chain, { complete }]) => !complete || now() - (measuredAt.get(chain) ?? 0) >= EVERY_MS,
    )
    const measured = due.map(async ([chain, { upTo }]) => {
      measuredAt.set(chain, now())
      const head = await heads.read(chain)
      return head ? [{ chain, blocks: Math.max(0, Number(head.number - upTo)) }] : []
    })
    return (await Promise.all(measured)).flat()
  }
}

/**
 * For each chain of a batch: the number up to which everything is archived, and whether that covers the whole batch.
 */
function archivedNumbers(records: readonly HeadsRecord[], failed: ReadonlySet<string>) {
  const chains = new Map<string, { upTo: bigint; complete: boolean }>()
  for (const { dynamodb } of records) {
    const read = v.safeParse(image, dynamodb?.NewImage)
    if (!read.success) continue
    const chain = read.output.chain.S
    const number = BigInt(read.output.number.N)
    const before = chains.get(chain)
    if (failed.has(dynamodb?.SequenceNumber ?? '')) {
      chains.set(chain, { upTo: before?.complete === false ? before.upTo : number - 1n, complete: false })
    } else if (before?.complete !== false) {
      chains.set(chain, { upTo: number, complete: true })
    }
  }
  return chains
}
