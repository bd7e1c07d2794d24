import { getBlock } from '../chain/block.ts'
import { createNodeClient } from '../chain/client.ts'
import { getSyncStatus, getVersion } from '../chain/consensus.ts'
import type { Envelope } from '../chain/envelope.ts'
import { observe } from '../chain/observe.ts'
import { showsAbove } from '../chain/peer-header.ts'
import { getPeerPayload } from '../chain/peer-payload.ts'
import { hasConnection } from '../chain/rpc-transport.ts'
import {
  overrideLeader,
  postUnsafePayload,
  refusesWrongHash,
  resetDerivation,
  startSequencer,
  stopSequencer,
  tryConductor,
} from '../chain/sequencer.ts'
import type { NodeName } from '../protocol/records.ts'
import { type FleetBook, NodeIdentity } from './node-identity.ts'
import type { Clock, NodePort } from './ports.ts'

/** Where a node's two processes listen, and the time limits of calls (ms). */
export type NodeEndpoints = {
  readonly name: NodeName
  readonly consensus: string
  readonly execution: string
  /** An observation must end within this time: a frozen process costs no more. */
  readonly probeTimeoutMs?: number
}

/** An act includes the node's own call to the gate, so it takes longer than an observation. */
const ACT_TIMEOUT_MS = 3_000

/**
 * The monitor's port to a real node, over its RPC endpoints. Until the client is proved to be of our chain, every call
 * but an observation throws IdentityError and sends nothing.
 */
export function rpcNodePort(
  { name, consensus, execution, probeTimeoutMs = 500 }: NodeEndpoints,
  clock: Clock,
  book: FleetBook,
): NodePort {
  const open = (part: 'consensus' | 'execution', timeoutMs: number, batch: boolean) =>
    createNodeClient(part === 'consensus' ? consensus : execution, {
      timeoutMs,
      batch,
      // An act goes only to a proved client: a new connection is proved first (NodeIdentity.guard).
      replaceCut: batch,
      onConnect: () => identity.connected(part),
    })
  const both = (timeoutMs: number) => ({
    consensus: open('consensus', timeoutMs, true),
    execution: open('execution', timeoutMs, true),
  })
  const probes = both(probeTimeoutMs)
  const identity = new NodeIdentity(name, book, {
    probes,
    patient: both(ACT_TIMEOUT_MS),
    connected: (part) => hasConnection(part === 'consensus' ? consensus : execution),
  })
  const acts = open('consensus', ACT_TIMEOUT_MS, false)
  const peer = open('execution', ACT_TIMEOUT_MS, false)
  const act = <T>(call: () => Promise<T>) => identity.guard('consensus', call)
  const read = <T>(call: () => Promise<T>) => identity.guard('execution', call)
  return {
    observe: (asked, brief) =>
      identity.observe(() => observe(name, probes, { at: asked?.number, now: clock.now, brief }), !brief),
    start: async (at) => {
      const started = await act(() => startSequencer(acts, at))
      return started.outcome === 'not-leader' || started.outcome === 'failed'
        ? { outcome: 'refused', message: started.message }
        : started
    },
    stop: () => act(() => stopSequencer(acts)),
    post: (envelope) => act(() => postUnsafePayload(acts, JSON.parse(envelope) as Envelope)),
    override: () => act(() => overrideLeader(acts)),
    resetDerivation: () => act(() => resetDerivation(acts)),
    unsafe: async () => (await act(() => getSyncStatus(acts))).unsafe,
    payload: async ({ number, hash }) => {
      const envelope = await read(() => getPeerPayload(peer, { number }))
      return envelope?.executionPayload.blockHash === hash ? JSON.stringify(envelope) : undefined
    },
    showsAbove: (named, head) => read(() => showsAbove(peer, named, head)),
    block: (query) => read(() => getBlock(peer, query)),
    reachGate: () =>
      act(async () => {
        const version = await getVersion(acts, 'optimism_version')
        return refusesWrongHash(version) ? await tryConductor(acts) : { reach: 'unknown' }
      }),
    prove: (part) => identity.guard(part, async () => {}),
  }
}
