import { getBlock } from '../chain/block.ts'
import { createNodeClient } from '../chain/client.ts'
import type { Envelope } from '../chain/envelope.ts'
import { observe } from '../chain/observe.ts'
import { overrideLeader } from '../chain/override-leader.ts'
import { getPeerPayload } from '../chain/peer-payload.ts'
import { postUnsafePayload } from '../chain/post-payload.ts'
import { resetDerivation } from '../chain/reset-derivation.ts'
import { showsAbove } from '../chain/shows-above.ts'
import { startSequencer } from '../chain/start.ts'
import { stopSequencer } from '../chain/stop.ts'
import { getSyncStatus } from '../chain/sync-status.ts'
import type { NodeName } from '../protocol/records.ts'
import type { Clock, NodePort } from './ports.ts'

/** Where a node's two processes listen, and how long they may take (ms). */
export type NodeEndpoints = {
  readonly name: NodeName
  readonly consensus: string
  readonly execution: string
  /** A look must end within this time: a frozen process costs no more. */
  readonly probeTimeoutMs?: number
}

/** An act includes the node's own call to the gate, so it takes longer than a look. */
const ACT_TIMEOUT_MS = 3_000

/** The monitor's port to a real node, over its RPC endpoints. */
export function rpcNodePort(
  { name, consensus, execution, probeTimeoutMs = 500 }: NodeEndpoints,
  clock: Clock,
): NodePort {
  const probes = {
    consensus: createNodeClient(consensus, { timeoutMs: probeTimeoutMs }),
    execution: createNodeClient(execution, { timeoutMs: probeTimeoutMs }),
  }
  const acts = createNodeClient(consensus, { timeoutMs: ACT_TIMEOUT_MS, batch: false })
  const peer = createNodeClient(execution, { timeoutMs: ACT_TIMEOUT_MS, batch: false })
  return {
    observe: (asked, brief) => observe(name, probes, { at: asked?.number, now: clock.now, brief }),
    start: async (at) => {
      const started = await startSequencer(acts, at)
      return started.outcome === 'not-leader' || started.outcome === 'failed'
        ? { outcome: 'refused', message: started.message }
        : started
    },
    stop: () => stopSequencer(acts),
    post: (envelope) => postUnsafePayload(acts, JSON.parse(envelope) as Envelope),
    override: () => overrideLeader(acts),
    resetDerivation: () => resetDerivation(acts),
    unsafe: async () => (await getSyncStatus(acts)).unsafe,
    payload: async ({ number, hash }) => {
      const envelope = await getPeerPayload(peer, { number })
      return envelope?.executionPayload.blockHash === hash ? JSON.stringify(envelope) : undefined
    },
    showsAbove: (named, head) => showsAbove(peer, named, head),
    block: (query) => getBlock(peer, query),
  }
}
