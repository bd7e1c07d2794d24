import { NotTheNodeError } from '../../lib/chain/errors.ts'
import { classify } from '../../lib/chain/failure.ts'
import type { BlockId, Hash } from '../../lib/protocol/block.ts'
import type {
  Answer,
  ConsensusView,
  ExecutionView,
  Identity,
  L2Block,
  Observation,
} from '../../lib/protocol/observation.ts'
import { missingState } from '../../lib/simulator/chain/execution.ts'
import { GENESIS } from './blocks.ts'
import { fronted } from './front.ts'
import { RefusedError, SilenceError, served, type Wires } from './network.ts'
import type { NodeHost } from './node-host.ts'
import { CHAIN } from './plan.ts'

const OTHER: Hash = `0x${'0f'.repeat(32)}`
/** As large as a number of JSON may be. */
const FAR = 2n ** 52n
const ZERO_BLOCK: L2Block = {
  number: 0n,
  hash: `0x${'00'.repeat(32)}`,
  parentHash: `0x${'00'.repeat(32)}`,
  timestamp: 0n,
  l1Origin: { number: 0n, hash: `0x${'00'.repeat(32)}` },
}

/** One look at a node: both clients side by side; never throws. */
export async function observeAt(
  from: string,
  node: NodeHost,
  wires: Wires,
  timeoutMs: number,
  asked: BlockId | undefined,
  now: () => number,
): Promise<Observation> {
  const answer = <T>(part: 'consensus' | 'execution', work: () => T) =>
    answered(wires.call(from, node.name, timeoutMs, () => fronted(node, part, () => served(node[part].process, work))))
  const [consensus, execution] = await Promise.all([
    answer('consensus', () => consensusView(node)),
    answer('execution', () => executionView(node, asked)),
  ])
  const short = consensus.ok && execution.ok && execution.value.latest.number < consensus.value.unsafe.number
  // As a real look does: a client that seems to lack what op-node names is asked again.
  const again = short ? await answer('execution', () => executionView(node, asked)) : execution
  const both = { consensus, execution: again.ok ? again : execution }
  return { node: node.name, at: now(), ...both, identity: identityOf(node, both) }
}

/** Who a node says it is: the chain is the same everywhere here, the peer is its own. */
function identityOf(
  { name }: NodeHost,
  { consensus, execution }: Pick<Observation, 'consensus' | 'execution'>,
): Identity {
  return {
    ...(consensus.ok && { consensus: { ok: true, value: { rollup: { l2_chain_id: CHAIN }, peer: name } } }),
    ...(execution.ok && { execution: { ok: true, value: { chainId: BigInt(CHAIN), genesis: GENESIS.hash } } }),
  }
}

async function answered<T>(call: Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await call }
  } catch (error) {
    const { message } = error as Error
    if (error instanceof RefusedError) return { ok: false, failure: 'refused', message }
    if (error instanceof NotTheNodeError) return { ok: false, ...classify(error) }
    return { ok: false, failure: error instanceof SilenceError ? 'timeout' : 'other', message }
  }
}

function consensusView({ consensus, outside, lie, l1 }: NodeHost): ConsensusView {
  if (lie === 'odd-errors') throw new Error('internal error')
  const { heads } = consensus
  const real = heads?.unsafe
  return {
    sequencing: consensus.sequencer.active || (lie === 'claims-started' && real !== undefined),
    conductor: !outside,
    unsafe: real ? lied(real, lie) : ZERO_BLOCK,
    safe: heads ? bare(heads.safe) : ZERO_BLOCK,
    finalized: heads ? bare(heads.finalized) : ZERO_BLOCK,
    headL1: lie === 'far-l1' ? { ...l1.head, number: FAR, timestamp: FAR } : l1.head,
    currentL1: l1.block(consensus.derivedL1),
    peers: consensus.peers.length,
  }
}

function executionView({ execution, lie }: NodeHost, asked: BlockId | undefined): ExecutionView {
  const { number, hash } = lied(execution.head, lie)
  return {
    latest: { number, hash },
    ...(asked && { at: { number: asked.number, hash: execution.at(asked.number)?.hash ?? null } }),
    state: execution.hasState ? { ok: true } : { ok: false, message: missingState(execution.head) },
  }
}

function lied(block: L2Block, lie: NodeHost['lie']): L2Block {
  const honest = bare(block)
  if (lie === 'other-hash') return { ...honest, hash: OTHER }
  if (lie === 'higher-head') return { ...honest, number: block.number + 3n, hash: OTHER }
  if (lie === 'lower-head' && block.number > 1n) return { ...honest, number: block.number - 1n, hash: block.parentHash }
  return honest
}

const bare = ({ number, hash, parentHash, timestamp, l1Origin }: L2Block): L2Block => ({
  number,
  hash,
  parentHash,
  timestamp,
  l1Origin,
})
