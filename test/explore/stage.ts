import type { NodePort } from '../../lib/context/ports.ts'
import type { Block, BlockId, Hash } from '../../lib/protocol/block.ts'
import type { Answer, ConsensusView, ExecutionView, L2Block } from '../../lib/protocol/observation.ts'
import { envelopeOf, GENESIS } from './blocks.ts'

/** What the nodes show an operator's program. They do what they are asked, and may show whatever the program wants to see. */
export type Stage = {
  /** Blocks of the chain they all show, oldest first: its last is where they stand. */
  readonly chain: readonly Block[]
  /** Whose sequencer runs. */
  readonly sequencing?: string
}

const L1: BlockId = { number: 1n, hash: `0x${'1'.repeat(64)}` }

/** A node of the stage; what it is asked to do it does at once. */
export function nodePort(node: string, { chain, sequencing }: Stage): NodePort {
  const at = chain.at(-1) ?? GENESIS
  const onChain = (number: bigint) => [GENESIS, ...chain].findLast((each) => each.number === number)
  let runs = sequencing === node
  const l2 = (each: Block): L2Block => ({ ...each, l1Origin: L1 })
  const consensus = (): Answer<ConsensusView> => ({
    ok: true,
    value: {
      sequencing: runs,
      conductor: true,
      unsafe: l2(at),
      safe: l2(GENESIS),
      finalized: l2(GENESIS),
      headL1: { ...L1, timestamp: 0n },
      currentL1: { ...L1, timestamp: 0n },
      peers: 1,
    },
  })
  const execution = (asked: BlockId | undefined): Answer<ExecutionView> => ({
    ok: true,
    value: {
      latest: { number: at.number, hash: at.hash },
      state: { ok: true },
      ...(asked && { at: { number: asked.number, hash: onChain(asked.number)?.hash ?? null } }),
    },
  })
  return {
    observe: async (asked) => ({ node, at: 0, consensus: consensus(), execution: execution(asked) }),
    async start() {
      runs = true
      return { outcome: 'started' }
    },
    async stop() {
      runs = false
      return at.hash
    },
    post: async () => {},
    override: async () => {},
    resetDerivation: async () => {},
    unsafe: async () => ({ number: at.number, hash: at.hash }),
    async payload({ hash }) {
      const kept = chain.find((each) => each.hash === hash)
      return kept && envelopeOf(kept)
    },
    block: async (query: { readonly number?: bigint; readonly hash?: Hash }) =>
      (query.number === undefined ? chain.find(({ hash }) => hash === query.hash) : onChain(query.number)) ?? null,
  }
}
