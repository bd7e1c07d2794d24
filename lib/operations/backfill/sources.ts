import { getBlockHash } from '../../chain/block.ts'
import type { NodeClient } from '../../chain/client.ts'
import type { Envelope } from '../../chain/envelope.ts'
import { hashHeader, headerOf } from '../../chain/header.ts'
import { getPeerHeader, type HashedHeader } from '../../chain/peer-header.ts'
import { getPeerPayload } from '../../chain/peer-payload.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { Head } from '../../protocol/records.ts'
import { type Archive, archiveKey } from '../../store/archive.ts'
import { readPayload } from '../../store/payload.ts'
import type { ObjectStore } from '../../store/stores.ts'
import { type BlockRange, numbersOf, piecesOf } from './range.ts'

/** A possible source of committed payloads. Nothing from it is trusted before it is checked. */
export type PayloadSource = {
  /** For people: `head`, `archive`, or the node's name. */
  readonly name: string
  /** Where it keeps a payload, for the report of a corrupt one. */
  readonly place: (block: BlockId) => string
  /** Its payload for this block; `undefined` = none. */
  readonly payload: (block: BlockId) => Promise<Envelope | undefined>
  /** Whether it has any block of this number, whatever its hash; `undefined` = unknown. */
  readonly has: (number: bigint) => Promise<boolean | undefined>
  /** Headers by number, hashed from their content; `null` = it has none, or does not know which. */
  readonly headers?: (range: BlockRange) => Promise<readonly (HashedHeader | null)[]>
  /** Its headers cost as much as payloads: other sources go first. */
  readonly slowHeaders?: true
}

/** An execution client: a peer's, or the node's own, which after a crash may still have bodies whose state is lost. */
export function executionSource(name: string, client: NodeClient): PayloadSource {
  return {
    name,
    place: ({ number }) => `the execution client of ${name}, block ${number}`,
    payload: async ({ hash }) => (await getPeerPayload(client, { hash })) ?? undefined,
    has: async (number) => (await getBlockHash(client, number)) !== null,
    headers: (range) => Promise.all([...numbersOf(range)].map((number) => getPeerHeader(client, { number }))),
  }
}

/** Every payload ever committed, if the archiver keeps up. */
export function archiveSource(archive: Archive, chain: string): PayloadSource {
  return {
    name: 'archive',
    place: (block) => archiveKey(chain, block),
    has: (number) => archive.has(number),
    slowHeaders: true,
    headers: async (range) => {
      const headers: (HashedHeader | null)[] = []
      for (const piece of piecesOf(range, ARCHIVED_AT_ONCE)) {
        headers.push(...(await Promise.all([...numbersOf(piece)].map((number) => archivedHeader(archive, number)))))
      }
      return headers
    },
    payload: async (block) => {
      const envelope = await archive.read(block)
      return envelope === undefined ? undefined : (JSON.parse(envelope) as Envelope)
    },
  }
}

/** Payloads in memory at once; each may have some MB. */
const ARCHIVED_AT_ONCE = 16

/** The header of the only archived block of a number; its payload is checked later, when it is taken by its hash. */
async function archivedHeader(archive: Archive, number: bigint): Promise<HashedHeader | null> {
  try {
    const [hash, ...others] = (await archive.hashesAt(number)) ?? []
    if (hash === undefined || others.length > 0) return null
    const envelope = await archive.read({ number, hash })
    if (envelope === undefined) return null
    const header = headerOf(JSON.parse(envelope) as Envelope)
    return { number, hash: hashHeader(header), header }
  } catch {
    return null
  }
}

/** The head's item holds the payload of the newest committed block, which may not be archived yet. */
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
