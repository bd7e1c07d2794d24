import { getBlockHash } from '../chain/block-hash.ts'
import type { NodeClient } from '../chain/client.ts'
import type { Envelope } from '../chain/envelope.ts'
import { getPeerHeader, type HashedHeader } from '../chain/peer-header.ts'
import { getPeerPayload } from '../chain/peer-payload.ts'
import type { BlockId } from '../protocol/block.ts'
import type { Head } from '../protocol/records.ts'
import { type Archive, archiveKey } from '../store/archive.ts'
import { readPayload } from '../store/payload.ts'
import type { ObjectStore } from '../store/stores.ts'
import { type BlockRange, numbersOf } from './range.ts'

/** Somebody who may have committed payloads. Nothing it says is believed before it is checked. */
export type PayloadSource = {
  /** For people: `head`, `archive`, or the node's name. */
  readonly name: string
  /** Where a payload is kept, for the report when it turns out to be corrupt. */
  readonly place: (block: BlockId) => string
  /** The payload it has for this block; `undefined` = none. */
  readonly payload: (block: BlockId) => Promise<Envelope | undefined>
  /** Whether it has any block of this number, whatever its hash; `undefined` = it cannot tell. */
  readonly has: (number: bigint) => Promise<boolean | undefined>
  /** Headers by number, hashed from their content; a source that is asked one by one has none. */
  readonly headers?: (range: BlockRange) => Promise<readonly (HashedHeader | null)[]>
}

/**
 * An execution client: a peer's, or the node's own, which after a crash may still have bodies whose
 * state is lost.
 */
export function executionSource(name: string, client: NodeClient): PayloadSource {
  return {
    name,
    place: ({ number }) => `the execution client of ${name}, block ${number}`,
    payload: async ({ hash }) => (await getPeerPayload(client, { hash })) ?? undefined,
    has: async (number) => (await getBlockHash(client, number)) !== null,
    headers: (range) => Promise.all([...numbersOf(range)].map((number) => getPeerHeader(client, { number }))),
  }
}

/** Every payload that was ever committed, if the archiver keeps up. */
export function archiveSource(archive: Archive, chain: string): PayloadSource {
  return {
    name: 'archive',
    place: (block) => archiveKey(chain, block),
    has: (number) => archive.has(number),
    payload: async (block) => {
      const envelope = await archive.get(block)
      return envelope === undefined ? undefined : (JSON.parse(envelope) as Envelope)
    },
  }
}

/** The head's item keeps the payload of the newest committed block: it may not be archived yet. */
export function headSource(objects: ObjectStore, head: Head): PayloadSource {
  return {
    name: 'head',
    has: async (number) => number === head.number,
    place: () => `the Heads item of chain ${head.chain}`,
    payload: async ({ hash }) => {
      if (hash !== head.hash || (!head.payload && head.payloadRef === undefined)) return undefined
      return JSON.parse(await readPayload(objects, head)) as Envelope
    },
  }
}
