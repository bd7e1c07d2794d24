import { blockOfPayload } from '../../chain/envelope.ts'
import type { ChainPorts } from '../../context/ports.ts'
import type { Block, BlockId, Hash } from '../../protocol/block.ts'
import { chainArchive } from '../../store/archive.ts'

/** Questions to the archive that are answered, whatever happens to it. */
export type AskedArchive = {
  /** A block that was committed here; `null` = it is not archived, `undefined` = the archive could not be read. */
  find(block: BlockId): Promise<Block | null | undefined>
  /** The archived blocks of this number; what cannot be read is left out, and `failure` tells of it. */
  at(number: bigint): Promise<readonly Block[]>
  /** What failed first, for people. While something did, nobody knows what was committed. */
  failure(): string | undefined
}

/** Opens the archive of a chain for a survey: what cannot be read must not look like what was never committed. */
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
