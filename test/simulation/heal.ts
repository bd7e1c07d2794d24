import { resume } from '../../lib/operator/modes.ts'
import { setQuarantine } from '../../lib/operator/quarantine.ts'
import type { NodeHost } from './node-host.ts'
import { NO_NOISE } from './plan.ts'
import type { Referee } from './referee.ts'
import type { World } from './world.ts'

/**
 * Ends every fault: all links mended, all processes alive (except nodes the plan gives up), clocks
 * right, the operator's orders withdrawn. Returns the nodes that stay dead.
 */
export function heal(world: World): readonly string[] {
  const { plan, referee, wires, storeNetwork, l1, nodes, gates, monitors, archiver, operator, journal } = world
  const lost = canBeLost(world) ? plan.lost : []
  journal.note('HEAL', () => (lost.length > 0 ? `all but ${lost}` : 'all'))
  wires.mendAll()
  wires.noise = NO_NOISE
  Object.assign(storeNetwork.health, { down: false, throttling: false })
  l1.resume()
  for (const node of nodes) {
    node.clock.offsetMs = 0
    node.lie = undefined
    node.front = undefined
    node.l1.mend()
    node.execution.hasState = true
    node.execution.latencyMs = 1
    if (lost.includes(node.name)) {
      node.kill()
      continue
    }
    if (node.outside) node.kill('consensus')
    node.thaw()
    unwind(node, referee)
    node.start()
  }
  for (const host of [...gates, ...monitors, archiver]) {
    host.clock.offsetMs = 0
    host.process.thaw()
    host.start()
  }
  const withdrawal = async () => {
    await resume(operator.ports, 'ann')
    for (const { name } of nodes) await setQuarantine(operator.ports, name, undefined, 'ann')
  }
  void Promise.all(world.acts).then(() => withdraw(world, withdrawal))
  return lost
}

/**
 * A chain without a record is taken over only when every node answers, and the block it was seeded with is
 * older than Baton: only the nodes ever had it.
 */
function canBeLost({ plan, referee, nodes }: World): boolean {
  const { seed } = referee.published
  if (seed === undefined) return false
  const { hash } = referee.committed.get(seed) ?? {}
  return nodes.some(({ name, execution }) => !plan.lost.includes(name) && execution.at(seed)?.hash === hash)
}

/** Takes from a node the uncommitted blocks, as a person would. */
function unwind(node: NodeHost, referee: Referee): void {
  const { execution } = node
  while (!referee.isChain(execution.head.number, execution.head.hash)) {
    node.kill()
    execution.loseBlocks(1n)
  }
}

/** Tries until it is done: there may be no lease yet. */
function withdraw({ scheduler }: World, act: () => Promise<void>): void {
  act().catch(() => scheduler.after(500, () => withdraw({ scheduler } as World, act)))
}
