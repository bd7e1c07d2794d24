import { freshMemory } from '../context/memory.ts'
import { observeChain } from '../context/observe.ts'
import type { ChainPorts } from '../context/ports.ts'
import type { View } from '../protocol/decision.ts'
import { examine } from '../protocol/fitness.ts'
import { judgeLeader } from '../protocol/leader.ts'
import type { NodeName } from '../protocol/records.ts'

/** All callers within this time share one look at the nodes (ms). */
const SHARED_MS = 1_000

/** An operator's wishes say nothing about a node's health. */
const WISHES: readonly string[] = ['no-failover', 'tried']

/**
 * Whether nodes are healthy, as op-conductor means it: the node could sequence, or does so in time. `undefined` = it is
 * not configured.
 */
export function healthOf(
  ports: ChainPorts,
  patient: <T>(read: () => Promise<T>) => Promise<T>,
): (node: NodeName) => Promise<boolean | undefined> {
  const memory = freshMemory()
  let look: Promise<View> | undefined
  let until = 0
  const view = () => {
    const now = ports.clock.monotonic()
    if (!look || now > until) {
      until = now + SHARED_MS
      look = patient(() => observeChain(ports, memory))
      // Its callers get the error; the next one looks again.
      look.catch(() => {
        look = undefined
      })
    }
    return look
  }
  return async (node) => isHealthy(await view(), node)
}

/**
 * A standby is healthy when nothing speaks against its leading now. The leader is judged by its commits first: while
 * they come in time, it is.
 */
export function isHealthy(view: View, name: NodeName): boolean | undefined {
  const node = view.nodes.find((each) => each.name === name)
  if (!node) return undefined
  const { head } = view
  if (head?.leader === name) {
    const { state } = judgeLeader(view, head)
    if (state === 'committing') return true
    if (state !== 'waiting') return false
  }
  const { hard, soft } = examine(view, node)
  return hard.length === 0 && soft.every(({ code }) => WISHES.includes(code))
}
