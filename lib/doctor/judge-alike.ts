import { configuredChainId, judgeFleet } from '../protocol/identity.ts'
import { renderReason } from '../protocol/reason.ts'
import type { Examined } from './examine-node.ts'
import { type Finding, finding } from './finding.ts'

/** What nodes must have in common, and what to do where they do not; the chain id is judged for each node alone. */
const todos: Readonly<Record<string, string>> = {
  'other-genesis': 'Check what runs behind its URLs',
  'genesis-disputed': 'Compare the genesis of all nodes',
  'same-node': 'Correct its URLs, or give it a p2p key of its own',
  'config-differs': 'Start all nodes with the same rollup configuration',
  'fork-differs': 'Start all nodes with the same rollup configuration, before the fork',
}

/** Whether the nodes are of one chain and configured alike, by the rules of the monitor. */
export function judgeAlike(examined: readonly Examined[], chain: string): Finding[] {
  const leader = examined.find(({ active }) => active.ok && active.value)?.name
  const seen = Object.fromEntries(
    examined.map(({ name, identity, chain: execution }) => [
      name,
      { ...(identity.ok && { consensus: identity }), ...(execution.ok && { execution }) },
    ]),
  )
  const { standings } = judgeFleet({ seen, chainId: configuredChainId(chain), leader, now: Date.now() })
  return examined.flatMap(({ name, identity }) => {
    if (!identity.ok || !identity.value.rollup)
      return [finding('configuration', name, ['skipped', 'op-node does not show its rollup configuration'])]
    const { hard = [], soft = [] } = standings[name] ?? {}
    const wrong = [
      ...hard.map((each) => ({ ...each, verdict: 'bad' as const })),
      ...soft.map((each) => ({ ...each, verdict: 'warn' as const })),
    ].flatMap(({ code, evidence, verdict }) => {
      const todo = todos[code]
      return todo === undefined
        ? []
        : [finding('configuration', name, [verdict, renderReason({ code, evidence }), todo])]
    })
    return wrong.length > 0 ? wrong : [finding('configuration', name, ['ok', 'as the others'])]
  })
}
