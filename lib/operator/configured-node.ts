import type { NodeConfig } from '../protocol/observation.ts'
import type { NodeName } from '../protocol/records.ts'
import { didYouMean } from '../suggest.ts'
import { RefusedActError } from './errors.ts'

/**
 * The node an operator named.
 *
 * @throws RefusedActError when no node is configured under this name; it lists the configured ones.
 */
export function configuredNode(nodes: readonly NodeConfig[], named: NodeName): NodeConfig {
  const node = nodes.find(({ name }) => name === named)
  if (node) return node
  const names = nodes.map(({ name }) => name)
  throw new RefusedActError(
    `no node "${named}" is configured`,
    `${didYouMean(named, names)}name one of ${names.join(', ')}`,
  )
}
