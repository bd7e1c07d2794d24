import type { Reach } from '../../chain/sequencer.ts'
import type { Memory } from '../../context/memory.ts'
import type { ChainPorts, NodePort } from '../../context/ports.ts'
import type { View } from '../../protocol/decision.ts'
import type { GateReach } from '../../protocol/gate-reach.ts'
import { noteReach, untried } from '../../protocol/gate-reach.ts'
import type { NodeName } from '../../protocol/records.ts'
import { readSightings } from '../../store/sightings.ts'
import { stillOrdered } from './still-ordered.ts'

/** The outcome of a try, and the name under which the gate saw the node. */
type Found = Pick<GateReach, 'reach' | 'message'>

/**
 * Has the standbys try their way to the gate now and then, before it is needed. The turn does not wait for it. They try
 * one at a time, so that a request the gate sees meanwhile is that node's. The next decision uses the outcome.
 */
export function tryGates(ports: ChainPorts, memory: Memory, view: View): void {
  const { clock, port, log } = ports
  const { lease } = view
  if (!lease) return
  for (const node of untried(view, clock.monotonic())) {
    const { reachGate, stop } = port(node)
    if (!reachGate || memory.trying.size > 0) continue
    memory.trying.add(node)
    tryGate(ports, node, reachGate, stillOrdered(ports, lease, memory.readAt))
      .then(async (found) => {
        if (!found) return
        const known = memory.observed[node]
        if (known) memory.observed[node] = noteReach(known, found, clock.monotonic())
        // It started at a block that does not exist, which op-node never does. Its commits are refused; it must stop.
        if (found.reach === 'ignores-hash') await stop()
      })
      .catch((error: unknown) =>
        log.warn('a sequencer that ignores where it is to start was not stopped', { node, error }),
      )
      .finally(() => memory.trying.delete(node))
  }
}

/**
 * A node that was answered "not the leader" may have asked under another node's name: the gate notes who asks. A gate
 * of an earlier version notes nothing, which proves nothing. `undefined`: an order came first, and nothing was sent.
 */
async function tryGate(
  { objects, chain, nodes }: ChainPorts,
  node: NodeName,
  reachGate: NonNullable<NodePort['reachGate']>,
  ordered: () => Promise<boolean>,
): Promise<Found | undefined> {
  const names = nodes.map(({ name }) => name)
  const seen = (nodes: readonly NodeName[]) => readSightings(objects, chain.id, nodes).catch(() => undefined)
  const before = await seen(names)
  if (!(await ordered())) return undefined
  const found = await reachGate().catch((): Reach => ({ reach: 'unknown' }))
  if (found.reach !== 'proved' || !before) return found
  // Each read is billed: the others' notes matter only if its own is missing.
  const own = await seen([node])
  if (own?.has(node) && own.get(node) !== before.get(node)) return found
  const after = await seen(names)
  const asked = names.filter((name) => after?.has(name) && after.get(name) !== before.get(name))
  return asked.length === 0 || asked.includes(node) ? found : { reach: 'misnamed', message: asked.join(', ') }
}
