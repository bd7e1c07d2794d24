import type { Reach } from '../../chain/reach-conductor.ts'
import type { View } from '../../protocol/decision.ts'
import { untried } from '../../protocol/gate-reach.ts'
import type { NodeName } from '../../protocol/records.ts'
import type { Memory } from '../memory.ts'
import type { ChainPorts } from '../ports.ts'

/**
 * Has the standbys try their way to the gate before it is needed, now and then, without waiting for it. What came of
 * it is part of the next decision.
 */
export function tryGates({ clock, port, log }: ChainPorts, memory: Memory, view: View): void {
  for (const node of untried(view, clock.monotonic())) {
    const { reachGate, stop } = port(node)
    if (!reachGate || memory.trying.has(node)) continue
    memory.trying.add(node)
    reachGate()
      .catch((): Reach => ({ reach: 'unknown' }))
      .then(async (found) => {
        note(memory, node, found, clock.monotonic())
        // It started where no block is, which op-node never does: its commits are refused, and it must not go on.
        if (found.reach === 'ignores-hash') await stop()
      })
      .catch((error: unknown) =>
        log.warn('a sequencer that ignores where it is to start was not stopped', { node, error }),
      )
      .finally(() => memory.trying.delete(node))
  }
}

function note(memory: Memory, node: NodeName, found: Reach, at: number): void {
  const trail = memory.trails[node]
  if (!trail) return
  const { gate: past, observation, failedStart } = trail
  const times = past?.reach === found.reach ? past.times + 1 : 1
  const gate = { ...found, at, times, of: observation.identity?.consensus, ...(failedStart && { after: failedStart }) }
  memory.trails[node] = { ...trail, gate }
}
