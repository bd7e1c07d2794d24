import type { ChainPorts } from '../../context/ports.ts'

/** The newest block of each node's consensus client; of one that is silent, none. */
export function unsafeHeads({ nodes, port }: Pick<ChainPorts, 'nodes' | 'port'>) {
  return Promise.all(
    nodes.map(async ({ name }) => {
      const block = await port(name)
        .unsafe()
        .catch(() => undefined)
      return { node: name, ...(block && { block }) }
    }),
  )
}
