import type { Envelope } from '../../lib/chain/envelope.ts'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { chainPorts } from '../../lib/context/chain-ports.ts'
import { systemClock } from '../../lib/context/ports.ts'
import { silentLog } from '../../lib/log.ts'
import { openBackfill } from '../../lib/operations/backfill/open.ts'
import { plugEngine } from '../../lib/operations/backfill/plug-engine.ts'
import type { BackfillPorts } from '../../lib/operations/backfill/ports.ts'
import type { Head } from '../../lib/protocol/records.ts'
import { absent } from '../../lib/protocol/write.ts'
import { chainArchive } from '../../lib/store/archive.ts'
import { memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import { packPayload } from '../../lib/store/payload.ts'
import type { ObjectStore, Stores } from '../../lib/store/stores.ts'
import { blockOf, type HandmadeChain } from './chain.ts'
import type { ExecutionProcess } from './client.ts'

/** A port where nothing listens: a client whose process is gone. */
export const GONE = 'http://127.0.0.1:2'

export const CHAIN = '1337'

export type NodeUrls = {
  readonly rpcUrl: string
  readonly engineUrl?: string
  readonly jwt?: string
  readonly consensus?: string
}

/** The configuration of nodes `seq-a`, `seq-b`, … with these clients; op-nodes are gone by default. */
export function configFor(nodes: readonly NodeUrls[]): object {
  return {
    chain: { id: Number(CHAIN), name: 'handmade', blockTime: 1 },
    nodes: nodes.map(({ rpcUrl, engineUrl, jwt, consensus = GONE }, i) => {
      const name = `seq-${'abc'[i]}`
      // One client may stand for two nodes here; a configuration takes no URL twice.
      const own = (url: string) => `${url}#${name}`
      return {
        name,
        zone: `z${i}`,
        priority: i,
        consensus: own(consensus),
        execution: own(rpcUrl),
        secrets: [`secret-of-${i}`],
        ...(engineUrl !== undefined && jwt !== undefined && { engine: { url: own(engineUrl), jwt: { file: jwt } } }),
      }
    }),
  }
}

export type Records = { readonly stores: Stores; readonly objects: ObjectStore }

export const inMemory = (): Records => ({ stores: memoryStores(), objects: memoryObjects() })

/** Everything real but the store (in memory). */
export function openRig(nodes: readonly NodeUrls[], records: Records): Promise<BackfillPorts> {
  const config = parseConfig(JSON.stringify(configFor(nodes)))
  return openBackfill(config, chainPorts(config, records, silentLog), { env: {} })
}

/** The head record of a committed block, with its payload. */
export async function headOf(envelope: Envelope, leader = 'seq-a'): Promise<Head> {
  const payload = await packPayload(JSON.stringify(envelope))
  return { ...blockOf(envelope), chain: CHAIN, payload, leader, term: 3, committedTerm: 3, committedAt: 0, fencedAt: 0 }
}

/** Makes the newest of the payloads the committed head, and archives them all. */
export async function commitAll({ stores, objects }: Records, payloads: readonly Envelope[]): Promise<void> {
  const archive = chainArchive(objects, CHAIN)
  for (const envelope of payloads) await archive.put(await headOf(envelope))
  await commitOnly(stores, payloads)
}

/** Makes the newest of the payloads the committed head; nothing is archived. */
export async function commitOnly(stores: Stores, payloads: readonly Envelope[]): Promise<void> {
  const newest = payloads.at(-1)
  if (!newest) return
  const { chain: _, ...set } = await headOf(newest)
  const written = await stores.heads.write(CHAIN, { set, when: absent('term') })
  if (!written.applied) throw new Error('the head was not written')
}

/** Brings a client to block `number` of a chain, as its op-node once did. */
export async function fill(client: ExecutionProcess, chain: HandmadeChain, number: number): Promise<void> {
  const { engine, execution } = client
  await plugEngine({ node: 'filled', engine, execution, clock: systemClock }, chain.payloads.slice(0, number))
}
