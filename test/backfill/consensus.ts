import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { forkchoiceUpdated, newPayload } from '../../lib/chain/engine/methods.ts'
import type { Envelope } from '../../lib/chain/envelope.ts'
import { hashPayload } from '../../lib/chain/header.ts'
import type { ExecutionProcess } from './client.ts'

/** An op-node as far as a backfill sees it, in front of a real execution client. */
export type Consensus = {
  readonly url: string
  /** Numbers of the payloads it was posted, in order. */
  readonly posted: bigint[]
  sequencing: boolean
  /** While true it forgets what it is posted, as op-node does when it resets. */
  forgets: boolean
  close(): void
}

type Call = { readonly id: number; readonly method: string; readonly params?: readonly [Envelope] }

/**
 * Serves an op-node's RPC: what is posted is checked for its hash, queued, and inserted later, in order;
 * what is not above the head is dropped, so that a payload posted twice does not move the head back.
 */
export async function startConsensus({ engine }: ExecutionProcess): Promise<Consensus> {
  let inserting: Promise<unknown> = Promise.resolve()
  let head = 0n
  const insert = async (envelope: Envelope) => {
    const number = BigInt(envelope.executionPayload.blockNumber)
    if (number <= head) return
    await newPayload(engine, envelope)
    await forkchoiceUpdated(engine, { head: envelope.executionPayload.blockHash })
    head = number
  }
  const block = { number: 0, hash: `0x${'00'.repeat(32)}`, parentHash: `0x${'00'.repeat(32)}`, timestamp: 0 }
  const l2 = { ...block, l1origin: { number: 0, hash: block.hash } }
  const answer = ({ method, params }: Call): unknown => {
    if (method === 'admin_sequencerActive') return consensus.sequencing
    if (method === 'optimism_syncStatus') {
      return { unsafe_l2: l2, safe_l2: l2, finalized_l2: l2, head_l1: block, current_l1: block }
    }
    const [envelope] = params ?? []
    if (method !== 'admin_postUnsafePayload' || !envelope) return undefined
    const { blockNumber, blockHash } = envelope.executionPayload
    if (hashPayload(envelope) !== blockHash) throw new Error('payload has bad block hash')
    consensus.posted.push(BigInt(blockNumber))
    if (!consensus.forgets) inserting = inserting.then(() => insert(envelope)).catch(() => {})
    return null
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Call | Call[]
    const answers = [body].flat().map((call) => {
      const result = answer(call)
      const error = { code: -32601, message: `the method ${call.method} does not exist/is not available` }
      return { jsonrpc: '2.0', id: call.id, ...(result === undefined ? { error } : { result }) }
    })
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const consensus: Consensus = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted: [],
    sequencing: false,
    forgets: false,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return consensus
}
