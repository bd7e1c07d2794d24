import type { BlockId, Hash } from '../protocol/block.ts'
import type { Head } from '../protocol/records.ts'
import { blockOfEnvelope } from './envelope.ts'
import { CorruptRecordError } from './errors.ts'
import { packedPayload, unpackPayload } from './payload.ts'
import type { ObjectStore } from './stores.ts'

/** A step of a walk along the chain: a block with its envelope (JSON text), or the one that is missing. */
export type WalkedBlock =
  | (BlockId & { readonly found: true; readonly parentHash: Hash; readonly envelope: string })
  | (BlockId & { readonly found: false })

/** Every committed payload of one chain, by number and hash. */
export type Archive = {
  /**
   * Keeps the payload of a head that was read with its payload; a spilled one is copied. Again is harmless.
   * Returns `false` for a head that was seeded without one.
   */
  put(head: Head): Promise<boolean>
  /** Whether any block of this number is archived; `undefined` = the store cannot tell. */
  has(number: bigint): Promise<boolean | undefined>
  /** The hashes of the archived blocks of this number, more than one after a backward move; `undefined` = the store cannot tell. */
  hashesAt(number: bigint): Promise<Hash[] | undefined>
  /** The envelope (JSON text) of a committed block; `undefined` = not archived. */
  get(block: BlockId): Promise<string | undefined>
  /**
   * Walks from a block towards its ancestors, down to number `downTo`, each found by its child's
   * parent hash. Ends with the first block that is missing.
   */
  walkBack(from: BlockId, downTo: bigint): AsyncGenerator<WalkedBlock, void>
}

/** The key of a committed payload: it sorts by number. */
export function archiveKey(chain: string, { number, hash }: BlockId): string {
  return `${archiveFolder(chain, number)}${hash}.json.zst`
}

function archiveFolder(chain: string, number: bigint): string {
  return `${chain}/payloads/${String(number).padStart(12, '0')}/`
}

/**
 * The archive of a chain in a store of objects.
 *
 * @throws StoreUnavailableError (from each method)
 * @throws CorruptRecordError when an archived payload is not the block its key names.
 * @throws MissingPayloadError (from `put`) when a head's spilled payload is gone.
 */
export function chainArchive(objects: ObjectStore, chain: string): Archive {
  const get = async (block: BlockId) => {
    const packed = await objects.get(archiveKey(chain, block))
    if (!packed) return undefined
    const envelope = await unpackPayload(packed)
    const { number, hash, parentHash } = blockOfEnvelope(envelope)
    if (number !== block.number || hash !== block.hash) {
      throw new CorruptRecordError(archiveKey(chain, block), `it is block ${number} ${hash}`)
    }
    return { envelope, parentHash }
  }

  const hashesAt = async (number: bigint) => {
    const keys = await objects.list?.(archiveFolder(chain, number))
    return keys?.flatMap((key) => (/\/(0x[0-9a-f]{64})\.json\.zst$/.exec(key)?.[1] as Hash | undefined) ?? [])
  }

  return {
    async put(head) {
      const packed = await packedPayload(objects, head)
      if (packed) await objects.put(archiveKey(chain, head), packed)
      return packed !== undefined
    },

    async has(number) {
      const hashes = await hashesAt(number)
      return hashes && hashes.length > 0
    },

    hashesAt,

    get: async (block) => (await get(block))?.envelope,

    async *walkBack(from, downTo) {
      let at = { number: from.number, hash: from.hash }
      while (at.number >= downTo) {
        const payload = await get(at)
        yield payload ? { ...at, found: true, ...payload } : { ...at, found: false }
        if (!payload) return
        at = { number: at.number - 1n, hash: payload.parentHash }
      }
    },
  }
}
