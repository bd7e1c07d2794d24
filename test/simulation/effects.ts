import { buildOn, originAfter } from './blocks.ts'
import type { NodeHost } from './node-host.ts'
import { operate } from './operator.ts'
import type { Effect } from './plan.ts'
import { EPOCH } from './scheduler.ts'
import type { World } from './world.ts'

const nothing = () => {}

/** A node has another block beside its newest one that was never committed, and starts on it whatever it is asked. */
function goAstray({ referee, plan, scheduler }: World, node: NodeHost): () => void {
  const { execution } = node
  // What is healed stays healed: it takes a moment until the node is there, and a slow one takes longer.
  if (scheduler.now() - EPOCH > plan.healAt - 100 - execution.latencyMs) return nothing
  const parent = execution.at(execution.head.number - 1n)
  if (!parent || !referee.head || execution.head.number <= execution.safe.number) return nothing
  const astray = buildOn(parent, originAfter(node.l1, parent), `${node.name} astray`)
  execution.insert(astray).then(() => {
    node.lie = 'ignores-start-hash'
    node.kill('consensus')
    node.start()
  }, nothing)
  return () => {
    node.lie = undefined
  }
}

/** Does it; returns how to undo it. */
export function apply(world: World, effect: Effect): () => void {
  const { wires, storeNetwork, l1, nodes, gates, monitors, archiver } = world
  const node = 'target' in effect ? nodes.find(({ name }) => name === effect.target) : undefined
  const other =
    'target' in effect ? [...gates, ...monitors, archiver].find(({ name }) => name === effect.target) : undefined
  switch (effect.do) {
    case 'kill':
      node?.kill()
      other?.process.kill()
      return () => (node ?? other)?.start()
    case 'freeze':
      node?.freeze()
      other?.process.freeze()
      return () => {
        node?.thaw()
        other?.process.thaw()
      }
    case 'vanish': {
      const everybody = [...nodes, ...gates, ...monitors].map(({ name }) => name)
      const cut = (by: 1 | -1) => {
        for (const name of everybody) {
          wires.cut(effect.target, name, by)
          wires.cut(name, effect.target, by)
        }
      }
      cut(1)
      node?.kill()
      return () => {
        cut(-1)
        node?.start()
      }
    }
    case 'kill-consensus':
    case 'kill-execution':
      node?.kill(effect.do === 'kill-consensus' ? 'consensus' : 'execution')
      return () => node?.start()
    case 'freeze-consensus':
      node?.freeze('consensus')
      return () => node?.thaw()
    case 'cut': {
      const cut = (by: 1 | -1) => {
        wires.cut(effect.target, effect.other, by)
        if (!effect.oneWay) wires.cut(effect.other, effect.target, by)
      }
      cut(1)
      return () => cut(-1)
    }
    case 'skew': {
      const clock = (node ?? other)?.clock
      if (clock) clock.offsetMs = effect.offsetMs
      return () => {
        if (clock) clock.offsetMs = 0
      }
    }
    case 'lose-blocks':
      node?.kill('host')
      node?.execution.loseBlocks(BigInt(effect.count))
      return () => node?.start()
    case 'crash-execution':
      node?.kill('execution')
      node?.execution.loseBlocks(BigInt(effect.count))
      return () => node?.start()
    case 'lose-state':
      if (node) node.execution.hasState = false
      return () => {
        if (node) node.execution.hasState = true
      }
    case 'slow':
      if (node) node.execution.latencyMs = 300
      return () => {
        if (node) node.execution.latencyMs = 1
      }
    case 'go-astray':
      return node ? goAstray(world, node) : nothing
    case 'lie':
      if (node) node.lie = effect.lie
      return () => {
        if (node) node.lie = undefined
      }
    case 'front':
      if (node) node.front = effect.front
      return () => {
        if (node) node.front = undefined
      }
    case 'store-down':
      storeNetwork.health.down = true
      return () => {
        storeNetwork.health.down = false
      }
    case 'throttle':
      storeNetwork.health.throttling = true
      return () => {
        storeNetwork.health.throttling = false
      }
    case 'stop-l1':
      l1.stop()
      return () => l1.resume()
    case 'reorg-l1':
      l1.reorg(effect.depth)
      return nothing
    case 'fork-l1':
      node?.l1.fork(l1.head.number - 1n)
      return () => node?.l1.mend()
    case 'stop-l1-of':
      node?.l1.stop()
      return () => node?.l1.mend()
    case 'storm': {
      const before = wires.noise
      wires.noise = effect.noise
      return () => {
        wires.noise = before
      }
    }
    case 'operator':
      operate(world, effect)
      return nothing
  }
}
