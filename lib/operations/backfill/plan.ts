import { configuredNode } from '../../operator/configured-node.ts'
import { RefusedActError } from '../../operator/errors.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { Head, NodeName } from '../../protocol/records.ts'
import { chainArchive } from '../../store/archive.ts'
import { AskedSources, type Finding } from './asked-sources.ts'
import { type CommittedChain, proveChain } from './committed-chain.ts'
import { NotAnAncestorError } from './errors.ts'
import { findGaps, type Gaps } from './gaps.ts'
import { type BackfillPorts, observeNode } from './ports.ts'
import type { BlockRange } from './range.ts'
import { archiveSource, executionSource, headSource, type PayloadSource } from './sources.ts'

/** A backfill request. */
export type BackfillRequest = {
  readonly node: NodeName
  /** Search for gaps from this block on; default: 64 blocks below the node's anchor. */
  readonly from?: bigint | undefined
  /** Plug no further than this block; default: the committed head. */
  readonly to?: bigint | undefined
  /** Which of the node's clients to use; default: op-node if it answers, because it then moves the forkchoice. */
  readonly through?: Through | undefined
}

/** `engine`: the execution client's engine API. `consensus`: op-node's `admin_postUnsafePayload`. */
export type Through = 'engine' | 'consensus'

/** What a backfill would do, and the evidence for it. */
export type Plan = {
  readonly node: NodeName
  readonly head: BlockId & { readonly term: number }
  readonly gaps: Gaps
  /** The range to plug; absent = nothing is missing. */
  readonly range?: BlockRange
  readonly through: Through
  /** The committed chain that the payloads are checked against. */
  readonly chain: CommittedChain
  readonly sources: AskedSources
}

/**
 * Finds what a node lacks and which sources have it; changes nothing.
 *
 * @throws RefusedActError when the node sequences, may sequence, or accepts no payloads.
 * @throws NotAnAncestorError when the node's chain does not lead to the committed head.
 * @throws RangeUnavailableError when no source has a block that the proof of the rest needs.
 * @throws NoStateFoundError | StoreUnavailableError
 */
export async function planBackfill(
  ports: BackfillPorts,
  request: BackfillRequest,
  onFinding: (finding: Finding) => void = () => {},
): Promise<Plan> {
  const { node } = request
  const head = await committedHead(ports, request)
  const through = await chooseWay(ports, request, head)
  const { execution, engine } = ports.clients(node)
  const to = request.to ?? head.number
  const gaps = await findGaps({ execution, engine }, to, request.from)
  const { anchor } = gaps
  const sources = new AskedSources(sourcesFor(ports, node, head), onFinding)
  const chain = await proveChain(sources, head, anchor.number + 1n)
  const committed = chain.hashOf(anchor.number)
  if (committed !== anchor.hash) throw new NotAnAncestorError(node, anchor, committed)
  const { number, hash, term } = head
  const plan = { node, head: { number, hash, term }, gaps, through, chain, sources }
  return anchor.number < to ? { ...plan, range: { from: anchor.number + 1n, to } } : plan
}

async function committedHead({ heads, chain, nodes }: BackfillPorts, { node, to }: BackfillRequest): Promise<Head> {
  configuredNode(nodes, node)
  const head = await heads.readWithPayload(chain.id)
  if (!head) {
    throw new RefusedActError(
      `chain ${chain.id} has no head: nothing is known to be committed`,
      'start the monitor, or take the chain over with "baton adopt"',
    )
  }
  if (to !== undefined && to > head.number) {
    throw new RefusedActError(
      `block ${to} is above the committed head ${head.number}`,
      'a backfill gives a node committed blocks only',
    )
  }
  return head
}

/** Chooses the client, and refuses where another actor could move the same node's head. */
async function chooseWay(ports: BackfillPorts, { node, through }: BackfillRequest, head: Head): Promise<Through> {
  const { consensus } = await observeNode(ports, node)
  const { engine } = ports.clients(node)
  if (consensus.ok && consensus.value.sequencing) {
    throw new RefusedActError(`${node} sequences: its head is its own`, 'move sequencing away first (baton switchover)')
  }
  // A dead process refuses connections; a silent one may be busy, and would move the same head.
  if (!consensus.ok && consensus.failure !== 'refused' && (through !== 'engine' || head.leader === node)) {
    throw new RefusedActError(
      `the op-node of ${node} may be alive: ${consensus.message}`,
      head.leader === node
        ? 'it holds the head: move sequencing away first (baton switchover), or stop its op-node'
        : 'try again, or see that its process is ended and insist (--through engine)',
    )
  }
  if (through === 'engine' && consensus.ok) {
    throw new RefusedActError(
      `the op-node of ${node} runs: two would move the forkchoice of one engine`,
      'stop it first, or go through it (--through consensus)',
    )
  }
  if (!engine && (through === 'engine' || !consensus.ok)) {
    const silent = consensus.ok ? '' : ` and its op-node does not answer: ${consensus.message}`
    throw new RefusedActError(
      `${node} has no engine access configured${silent}`,
      'add "engine" to the node in the configuration, or start its op-node',
    )
  }
  if (through === 'consensus' && !consensus.ok) {
    throw new RefusedActError(
      `the op-node of ${node} does not answer: ${consensus.message}`,
      'start it, or leave it out',
    )
  }
  return through ?? (consensus.ok ? 'consensus' : 'engine')
}

/**
 * The sources, in order: the head's item; the node's own execution client, which after a crash may have bodies without
 * state; the archive; the peers, with the sequencing one last because it is busy. op-node has no call that returns a
 * payload.
 */
export function sourcesFor(
  { clients, nodes, objects, chain }: Pick<BackfillPorts, 'clients' | 'nodes' | 'objects' | 'chain'>,
  node: NodeName,
  head: Head,
): readonly PayloadSource[] {
  const ofNode = (name: NodeName) => executionSource(name, clients(name).execution)
  const peers = nodes.map(({ name }) => name).filter((name) => name !== node && name !== head.leader)
  return [
    headSource(objects, head),
    ofNode(node),
    archiveSource(chainArchive(objects, chain.id), chain.id),
    ...peers.map(ofNode),
    ...(head.leader === '' || head.leader === node ? [] : [ofNode(head.leader)]),
  ]
}
