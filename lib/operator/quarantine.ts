import type { ChainPorts } from '../context/ports.ts'
import { quarantine } from '../protocol/control.ts'
import { kindOf } from '../protocol/quarantine.ts'
import type { Lease, NodeName, Quarantine } from '../protocol/records.ts'
import { changeLease } from './change-lease.ts'
import { configuredNode } from './configured-node.ts'
import { RefusedActError } from './errors.ts'

/**
 * Quarantines a node for an operator, or re-enables it (`why` absent), whatever quarantined it.
 *
 * @param force re-enable a node that publishes without commits although it is not known to have stopped.
 * @throws RefusedActError while the node publishes without commits: the quarantine is the only record that it does.
 */
export async function setQuarantine(
  ports: ChainPorts,
  node: NodeName,
  why: string | undefined,
  by: string,
  force = false,
): Promise<Lease> {
  const entry = why === undefined ? undefined : { since: ports.clock.now(), why, by, kind: 'operator' }
  const seen = why === undefined && (force || (await hasStopped(ports, node)))
  return await changeQuarantine(ports, node, entry, by, (lease) => {
    const found = lease.quarantine[node]
    if (!found || kindOf(found) !== 'override' || seen) return
    const message = `${node} publishes without commits, by order of ${found.by}`
    throw why === undefined
      ? new RefusedActError(
          `${message}: it has not been seen to stop`,
          `take its blocks back: "baton disaster return --node ${node}"; if it is gone for good: "baton quarantine ${node} --lift --force"`,
        )
      : new RefusedActError(`${message}: it is out already`, `"baton disaster return --node ${node}"`)
  })
}

/**
 * The node an operator named for its release. A quarantine outlives the configuration of its node, and one of an
 * override forbids every move.
 *
 * @throws RefusedActError when no node of this name is configured or quarantined.
 */
export async function quarantinedNode({ nodes, leases, chain }: ChainPorts, named: NodeName): Promise<NodeName> {
  const { quarantine = {} } = (await leases.read(chain.id)) ?? {}
  return Object.hasOwn(quarantine, named) ? named : configuredNode(nodes, named).name
}

/**
 * Whether its process has ended, or reports that its sequencer is off. Silence proves neither, and one that is not
 * configured cannot be asked.
 */
async function hasStopped({ nodes, port }: ChainPorts, node: NodeName): Promise<boolean> {
  if (!nodes.some(({ name }) => name === node)) return false
  const { consensus } = await port(node).observe(undefined, true)
  return consensus.ok ? !consensus.value.sequencing : consensus.failure === 'refused'
}

/**
 * Writes a node's quarantine, or removes it (`entry` absent).
 *
 * @param check throws when the lease does not permit the change.
 */
export function changeQuarantine(
  ports: ChainPorts,
  node: NodeName,
  entry: Quarantine | undefined,
  by: string,
  check: (lease: Lease) => void = () => {},
): Promise<Lease> {
  const message = entry ? `quarantined: ${entry.why}` : 'put back'
  return changeLease(ports, { what: 'quarantine', by, message, node }, (lease) => {
    check(lease)
    return quarantine(lease, node, entry)
  })
}
