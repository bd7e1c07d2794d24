import { resume, setQuarantine } from '../../lib/monitor/operate/modes.ts'
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
  // A chain without a record is taken over only when every node answers.
  const lost = referee.head === undefined ? [] : plan.lost
  journal.note('HEAL', () => (lost.length > 0 ? `all but ${lost}` : 'all'))
  wires.mendAll()
  wires.noise = NO_NOISE
  Object.assign(storeNetwork.health, { down: false, throttling: false })
  l1.resume()
  for (const node of nodes) {
    node.clock.offsetMs = 0
    node.lie = undefined
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
  withdraw(world, async () => {
    await resume(operator.ports, 'ann')
    for (const { name } of nodes) await setQuarantine(operator.ports, name, undefined, 'ann')
  })
  return lost
}

/** Takes from a node the blocks nobody committed, as a person would. */
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
