import { blockOfPayload } from '../../chain/envelope.ts'
import { classify } from '../../chain/failure.ts'
import type { ChainPorts, Clock } from '../../context/ports.ts'
import { retryWhileUnavailable } from '../../context/retry.ts'
import { BatonError } from '../../errors.ts'
import { UnfinishedActError } from '../../operator/errors.ts'
import type { Block, BlockId, Hash } from '../../protocol/block.ts'
import { chainArchive } from '../../store/archive.ts'
import { StoreUnavailableError } from '../../store/errors.ts'

/** One late answer is no outage; each attempt takes as long as the store's own limit. */
const STORE = { tries: 3, pauseMs: 500 } as const

/** The store's answer, or why the store counts as gone. */
type StoreAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: StoreUnavailableError }

/** Asks the store, with retries. Throws any other error: an unreadable record is not a missing one. */
export async function askStore<T>(clock: Clock, ask: () => Promise<T>): Promise<StoreAnswer<T>> {
  try {
    return { ok: true, value: await retryWhileUnavailable(clock, STORE, ask) }
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error
    return { ok: false, error }
  }
}

/** Archive queries that always answer, even when the archive fails. */
export type AskedArchive = {
  /** A block that was committed here; `null` = it is not archived, `undefined` = the archive could not be read. */
  find(block: BlockId): Promise<Block | null | undefined>
  /** The archived blocks of this number; unreadable ones are left out and reported by `failure`. */
  at(number: bigint): Promise<readonly Block[]>
  /** The first failure, as text. After one, which blocks were committed is unknown. */
  failure(): string | undefined
}

/** Opens a chain's archive for a survey: an unreadable block must not pass for one that was never committed. */
export function askArchive({ objects, chain }: ChainPorts): AskedArchive {
  const archive = chainArchive(objects, chain.id)
  let failed: string | undefined
  const unless = async <T>(question: Promise<T>, otherwise: T): Promise<T> =>
    question.catch((error: Error) => {
      failed ??= error.message
      return otherwise
    })
  const get = async (block: BlockId): Promise<Block | null> => {
    const envelope = await archive.get(block)
    return envelope === undefined ? null : blockOfPayload(envelope)
  }
  return {
    find: (block) => unless<Block | null | undefined>(get(block), undefined),
    async at(number) {
      const hashes = (await unless<Hash[] | undefined>(archive.hashesAt(number), undefined)) ?? []
      const blocks = await Promise.all(hashes.map((hash) => unless(get({ number, hash }), null)))
      return blocks.filter((block) => block !== null)
    },
    failure: () => failed,
  }
}

/** The newest block of each node's consensus client; none for a silent one. */
export function unsafeHeads({ nodes, port }: Pick<ChainPorts, 'nodes' | 'port'>) {
  return Promise.all(
    nodes.map(async ({ name }) => {
      const block = await port(name)
        .unsafe()
        .catch(() => undefined)
      return { node: name, ...(block && { block }) }
    }),
  )
}

/**
 * Runs a later step of an act: when it fails, something was already done.
 *
 * @param done what was done, for the error.
 * @throws UnfinishedActError in place of any other.
 */
export async function begun<T>(done: string, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    const [message, remedy] =
      error instanceof BatonError
        ? [error.message, error.remedy]
        : [classify(error).message, 'see that the node answers, then do it again; it finds what is done already']
    throw new UnfinishedActError(`${message}; ${done}`, remedy, error)
  }
}
