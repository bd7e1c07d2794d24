import type { NodeClient } from '../../chain/client.ts'
import type { EngineClient } from '../../chain/engine/client.ts'
import { observe } from '../../chain/observe.ts'
import { IdentityError } from '../../context/node-identity.ts'
import type { ChainPorts } from '../../context/ports.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { Answer, Observation } from '../../protocol/observation.ts'
import type { NodeName } from '../../protocol/records.ts'

export type { Clock } from '../../context/ports.ts'

/** The clients of a node, with long timeouts: calls here may take seconds. */
export type NodeClients = {
  readonly execution: NodeClient
  readonly consensus: NodeClient
  /** Its engine API, if Baton has access to it. */
  readonly engine?: EngineClient
}

/** The ports of a backfill: a chain's records, and clients of its nodes. */
export type BackfillPorts = ChainPorts & { readonly clients: (node: NodeName) => NodeClients }

/**
 * One observation of a node, with longer timeouts than the monitor's: a machine busy with recovery is slow, not gone. A
 * client of another chain counts as failed, unless it has only a genesis: that is how a client without its data folder
 * comes up, and the caller should see it.
 */
export async function observeNode(ports: BackfillPorts, node: NodeName, at?: BlockId): Promise<Observation> {
  const look = await observe(node, ports.clients(node), { at: at?.number, now: ports.clock.now })
  const { execution } = look
  const isEmpty = execution.ok && execution.value.latest.number === 0n
  return {
    ...look,
    consensus: await ofOurs(ports, node, 'consensus', look.consensus),
    execution: isEmpty ? execution : await ofOurs(ports, node, 'execution', execution),
  }
}

async function ofOurs<T>(
  { port }: BackfillPorts,
  node: NodeName,
  part: 'consensus' | 'execution',
  answer: Answer<T>,
): Promise<Answer<T>> {
  if (!answer.ok) return answer
  try {
    await port(node).prove?.(part)
  } catch (error) {
    // A client whose identity check timed out is checked again before anything is done to it.
    if (error instanceof IdentityError && error.foreign)
      return { ok: false, failure: 'identity', message: error.message }
  }
  return answer
}
