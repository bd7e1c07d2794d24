import { observe } from '../chain/observe.ts'
import type { BlockId } from '../protocol/block.ts'
import type { Observation } from '../protocol/observation.ts'
import type { NodeName } from '../protocol/records.ts'
import type { BackfillPorts } from './ports.ts'

/** One look at a node, more patient than the monitor's: a machine that is busy recovering is slow, not gone. */
export function lookAt(ports: BackfillPorts, node: NodeName, at?: BlockId): Promise<Observation> {
  return observe(node, ports.clients(node), { at: at?.number, now: ports.clock.now })
}
