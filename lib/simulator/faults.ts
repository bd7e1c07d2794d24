import type { Faults } from '../page/acts.ts'
import type { SimulatedChain } from './chain/chain.ts'

/** op-reth keeps up to fifty in memory; on average half of them are there. */
const IN_MEMORY = 26n

/** Injects faults into a simulated chain, and remembers those that its nodes do not show. */
export function simulatedFaults(chain: SimulatedChain): Faults {
  const cuts = new Map<string, Set<string>>(chain.nodes.map(({ name }) => [name, new Set()]))
  return {
    async apply(name, kind) {
      const node = chain.node(name)
      switch (kind) {
        case 'kill-consensus':
          await node.kill('consensus')
          return `op-node of ${name} killed`
        case 'kill-execution':
          await node.kill('execution')
          return `execution client of ${name} killed`
        case 'crash-execution':
          node.holdInMemory(IN_MEMORY)
          await node.kill('execution')
          node.holdInMemory(0n)
          await node.restart('execution')
          return `execution client of ${name} killed; it is back, ${IN_MEMORY} blocks short`
        case 'kill-host':
          await node.kill('host')
          return `host of ${name} killed`
        case 'freeze':
          node.freeze('host')
          return `${name} frozen`
        case 'thaw':
          node.thaw('host')
          return `${name} continues where it stopped`
        case 'restart':
          await node.restart('host')
          return `${name} started`
        case 'partition-peers':
          node.isolate()
          cuts.get(name)?.add('cut from peers')
          return `${name} cut off from its peers`
        case 'partition-baton':
          node.cutOff()
          cuts.get(name)?.add('cut from Baton')
          return `${name} cut off from Baton`
        case 'heal':
          node.isolate(false)
          node.cutOff(false)
          cuts.get(name)?.clear()
          return `${name} connected again`
        case 'lose-reply':
          node.loseNextReply()
          return `the reply to the next commit of ${name} will be lost`
      }
    },
    states: () =>
      Object.fromEntries(
        chain.nodes.map(({ name, consensus, execution }) => {
          const clients = { 'op-node': consensus.process.status, 'execution client': execution.process.status }
          const ill = Object.entries(clients).flatMap(([client, status]) =>
            status === 'running' ? [] : [`${client} ${status}`],
          )
          return [name, [...ill, ...(cuts.get(name) ?? [])]]
        }),
      ),
  }
}
