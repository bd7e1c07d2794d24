import type { ListedBlock, Snapshot } from '../context/inspect.ts'
import type { Block, BlockId, Hash } from '../protocol/block.ts'
import { examineAll, rank } from '../protocol/candidates.ts'
import type { Role } from '../protocol/decision.ts'
import type { Answer } from '../protocol/observation.ts'
import type { NodeName } from '../protocol/records.ts'
import { formatReason } from './format.ts'

/** A node's block at a height where another one was committed. */
export type Fork = { readonly number: bigint; readonly hash: Hash; readonly committed: Hash }

/** One node as page and terminal show it. Absent = unknown. */
export type NodeRow = {
  readonly name: NodeName
  readonly zone: string
  readonly priority: number
  readonly noFailover: boolean
  /** `unseen`: no verdict yet. */
  readonly role: Role | 'unseen'
  readonly sequencing?: boolean
  /** The term, for the leader of the head only. */
  readonly term?: number
  /** Newest block of the consensus client, and of the execution client. */
  readonly unsafe?: BlockId
  readonly latest?: BlockId
  readonly fork?: Fork
  readonly lag?: bigint
  readonly safe?: bigint
  readonly finalized?: bigint
  /** Age of the newest L1 block it knows (ms), and how many L1 blocks its derivation lags behind that. */
  readonly l1AgeMs?: number
  readonly l1Behind?: bigint
  readonly peers?: number
  readonly eligible: boolean
  /** Why (not), in sentences that omit the node's name. */
  readonly reasons: readonly string[]
  /** How its clients fail: `refused`, `timeout`, … */
  readonly consensusFailure?: string
  readonly executionFailure?: string
}

/** Gathers each configured node's observation, verdict and place in the chain. */
export function gatherNodes(snapshot: Snapshot): readonly NodeRow[] {
  const { view, decision } = snapshot
  return view.nodes.map(({ name, zone, priority, noFailover }) => {
    const verdict = decision.verdicts.find(({ node }) => node === name)
    const observation = view.observed[name]?.observation
    const consensus = answered(observation?.consensus)
    const execution = answered(observation?.execution)
    const seen = [consensus?.unsafe, execution?.latest, execution?.at].flatMap((block) =>
      block?.hash ? [{ number: block.number, hash: block.hash }] : [],
    )
    return {
      name,
      zone,
      priority,
      noFailover,
      role: verdict?.role ?? 'unseen',
      eligible: verdict?.eligible ?? false,
      reasons: verdict?.reasons.map((reason) => formatReason(reason, name).replace(/^eligible: /, '')) ?? [],
      ...optional('term', view.head?.leader === name ? view.head.term : undefined),
      ...optional('lag', verdict?.lag),
      ...optional('fork', findFork(snapshot, seen)),
      ...optional('sequencing', consensus?.sequencing),
      ...optional('unsafe', consensus?.unsafe),
      ...optional('latest', execution?.latest),
      ...optional('safe', consensus?.safe.number),
      ...optional('finalized', consensus?.finalized.number),
      ...optional('l1AgeMs', consensus && view.now - Number(consensus.headL1.timestamp) * 1000),
      ...optional('l1Behind', consensus && consensus.headL1.number - consensus.currentL1.number),
      ...optional('peers', consensus?.peers),
      ...optional('consensusFailure', failure(observation?.consensus)),
      ...optional('executionFailure', failure(observation?.execution)),
    }
  })
}

/** The nodes sequencing could move to, best first, as the decision ranks them. */
export function rankCandidates(snapshot: Snapshot): readonly NodeRow[] {
  const { view } = snapshot
  const rows = gatherNodes(snapshot)
  return rank(examineAll(view), view.head?.leader ?? '').flatMap(({ name }) => rows.filter((row) => row.name === name))
}

/** The first of a node's blocks that contradicts a committed one. */
function findFork({ view, blocks }: Snapshot, seen: readonly BlockId[]): Fork | undefined {
  const committed = new Map<bigint, Hash>()
  const remember = ({ number, hash, parentHash }: ListedBlock | Block) => {
    committed.set(number, hash)
    const parent = committed.get(number - 1n) ?? parentHash
    if (parent !== undefined) committed.set(number - 1n, parent)
  }
  for (const block of blocks) remember(block)
  if (view.head) remember(view.head)
  for (const { number, hash } of seen) {
    const expected = committed.get(number)
    if (expected !== undefined && expected !== hash) return { number, hash, committed: expected }
  }
  return undefined
}

function answered<T>(answer: Answer<T> | undefined): T | undefined {
  return answer?.ok ? answer.value : undefined
}

function failure(answer: Answer<unknown> | undefined): string | undefined {
  return answer && !answer.ok ? answer.failure : undefined
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V })
}
