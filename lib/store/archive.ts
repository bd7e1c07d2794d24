import type { BlockId, Hash } from '../protocol/block.ts'
import type { Head } from '../protocol/records.ts'
import { BadPayloadError, CorruptRecordError } from './errors.ts'
import { blockOfEnvelope, isImmutable, judgeEnvelope, openPayload, packedPayload, unpackPayload } from './payload.ts'
import type { CommitFacts, ObjectStore } from './stores.ts'

/** A step of a walk along the chain: a block with its envelope (JSON text), or the missing block. */
export type WalkedBlock =
  | (BlockId & { readonly found: true; readonly parentHash: Hash; readonly envelope: string })
  | (BlockId & { readonly found: false })

/**
 * Every committed payload of one chain, by number and hash. A payload is proved against its hash before it is stored
 * and again when it is read, and is never replaced.
 */
export type Archive = {
  /**
   * Stores the payload of a head read with its payload. A spilled one is copied, or only named where the store can.
   * Idempotent. Returns `false` for a head that was seeded without a payload.
   */
  put(head: Head): Promise<boolean>
  /** Whether any block of this number is archived; `undefined` = the store cannot list. */
  has(number: bigint): Promise<boolean | undefined>
  /**
   * The hashes of the archived blocks of this number, several after a backward move; `undefined` = the store cannot
   * list.
   */
  hashesAt(number: bigint): Promise<Hash[] | undefined>
  /** The envelope (JSON text) of a committed block; `undefined` = not archived. */
  get(block: BlockId): Promise<string | undefined>
  /** The object under the block's key, unproved: for callers that prove it themselves and report how it differs. */
  read(block: BlockId): Promise<string | undefined>
  /**
   * Walks from a block towards its ancestors, down to number `downTo`, by parent hash. Ends with the first missing
   * block.
   */
  walkBack(from: BlockId, downTo: bigint): AsyncGenerator<WalkedBlock, void>
}

/** The key of a committed payload; keys sort by number. */
export function archiveKey(chain: string, { number, hash }: BlockId): string {
  return `${archiveFolder(chain, number)}${hash}.json.zst`
}

/**
 * What a head says of the commit of its block. One that was placed has none; one that is fenced names the next leader;
 * one as its commit was written does not know its term.
 */
function factsOf({ leader, term, committedTerm, committedAt }: Head): CommitFacts | undefined {
  if (!committedTerm) return undefined
  return { term: committedTerm, committedAt, ...(term === committedTerm && { leader }) }
}

function archiveFolder(chain: string, number: bigint): string {
  return `${chain}/payloads/${String(number).padStart(12, '0')}/`
}

/**
 * The archive of a chain in an object store.
 *
 * @throws StoreUnavailableError (from each method)
 * @throws CorruptRecordError when an archived payload is not the block its key names.
 * @throws MissingPayloadError (from `put`) when a head's spilled payload is gone.
 * @throws BadPayloadError (from `put`) when a head's payload is not the head: nothing is stored.
 */
export function chainArchive(objects: ObjectStore, chain: string): Archive {
  const get = async ({ number, hash }: BlockId) => {
    const key = archiveKey(chain, { number, hash })
    const packed = await objects.get(key)
    if (!packed) return undefined
    const judged = await judgeEnvelope(await unpackPayload(packed), { number, hash })
    if (judged.proof === 'other') throw new CorruptRecordError(key, judged.problem)
    const { envelope } = judged
    return { envelope, parentHash: blockOfEnvelope(envelope).parentHash }
  }

  /** A retry cannot restore a payload that changed after its commit. */
  const headPayload = async (head: Head) => {
    try {
      return await packedPayload(objects, head)
    } catch (error) {
      throw error instanceof CorruptRecordError ? new BadPayloadError(head, error.message) : error
    }
  }

  const hashesAt = async (number: bigint) => {
    const keys = await objects.list?.(archiveFolder(chain, number))
    return keys?.flatMap((key) => (/\/(0x[0-9a-f]{64})\.json\.zst$/.exec(key)?.[1] as Hash | undefined) ?? [])
  }

  return {
    async put(head) {
      const packed = await headPayload(head)
      if (!packed) return false
      const opened = await openPayload(packed, head)
      if (opened.proof === 'other') throw new BadPayloadError(head, opened.problem)
      const key = archiveKey(chain, head)
      const { payloadRef } = head
      // Its name has its digest: no other content can take its place.
      const commit = factsOf(head)
      const named =
        payloadRef !== undefined && isImmutable(payloadRef) && (await objects.name?.(key, payloadRef, commit))
      if (!named) await objects.put(key, packed, { ifAbsent: true, commit })
      return true
    },

    async has(number) {
      const hashes = await hashesAt(number)
      return hashes && hashes.length > 0
    },

    hashesAt,

    get: async (block) => (await get(block))?.envelope,

    async read(block) {
      const packed = await objects.get(archiveKey(chain, block))
      return packed && unpackPayload(packed)
    },

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
