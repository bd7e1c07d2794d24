import type { Hash } from './block.ts'
import { majority } from './follow-l1.ts'
import type {
  Answer,
  ConsensusIdentity,
  ExecutionIdentity,
  Identity,
  Observation,
  RollupFields,
} from './observation.ts'
import { type Reason, reason, renderReason } from './reason.ts'
import type { NodeName } from './records.ts'
import { compareRollups } from './rollup.ts'

/** How far a client is proved to be of our chain. `unknown` and `foreign` count for nothing and receive no act. */
type Proof = 'proved' | 'unknown' | 'foreign'

/** A node's identity: the proof of each client, and what the identity says against the node. */
export type Standing = {
  readonly consensus: Proof
  readonly execution: Proof
  /** Not even an operator's force overrides these. */
  readonly hard: readonly Reason[]
  readonly soft: readonly Reason[]
  /** Reported to people, without excluding the node. */
  readonly reported: readonly Reason[]
}

/** What the nodes of one chain report of themselves, and the references they are judged by. */
export type Fleet = {
  /** For every configured node, in configured order; `undefined` = it has not reported yet. */
  readonly seen: Readonly<Record<NodeName, Identity | undefined>>
  /** The L2 chain id of the configuration; absent = the configuration has only a name, and most nodes decide. */
  readonly chainId?: bigint | undefined
  /** The genesis hash that most of all nodes had before, by which a newcomer is judged. */
  readonly genesis?: Hash | undefined
  /** The rollups that nodes reported before: one that is away, or was replaced, keeps its vote. */
  readonly rollups?: Readonly<Record<NodeName, RollupFields>> | undefined
  readonly leader?: NodeName | undefined
  /** As configured; absent = not compared. */
  readonly blockTimeMs?: number | undefined
  /** Unix ms. */
  readonly now: number
}

/**
 * The standing of every node that reported anything, and the references for newcomers: the genesis, once most of all
 * nodes have it, and the rollup that each of our nodes reported last.
 */
export type JudgedFleet = {
  readonly standings: Readonly<Record<NodeName, Standing>>
  readonly genesis?: Hash
  readonly rollups: Readonly<Record<NodeName, RollupFields>>
}

/** The L2 chain id a chain is configured with, decimal or hex; `undefined` = it is a name. */
export function configuredChainId(id: string): bigint | undefined {
  return /^(\d+|0x[0-9a-f]+)$/i.test(id) ? BigInt(id) : undefined
}

/**
 * Judges the identity of the nodes: chain id against the configuration, genesis and rollup configuration against most
 * of the others, peer ids against each other. Without a majority none of those who disagree is proved.
 */
export function judgeFleet(fleet: Fleet): JudgedFleet {
  const claims = Object.entries(fleet.seen).flatMap(([node, seen]) => (seen ? [claimOf(node, seen)] : []))
  const chainId = fleet.chainId ?? majority(claims.flatMap(({ ids }) => [...new Set(ids.map(({ id }) => id))]))
  const sorted = claims.map((claim) => ({ ...claim, ...judgeChain(claim, chainId) }))
  const kin = sorted.filter(({ proof }) => proof !== 'foreign')
  const genesis = fleet.genesis ?? majority(kin.flatMap(({ genesis: own }) => (own ? [own.hash] : [])))
  const judged = sorted.map((each) => (each.proof === 'foreign' ? each : judgeGenesis(each, genesis)))
  const ours = judged.filter(({ proof }) => proof !== 'foreign')
  const twins = findTwins(ours, fleet.leader)
  const reported = ours.flatMap(({ node, proof, rollup }) =>
    rollup && proof === 'proved' ? [[node, rollup] as const] : [],
  )
  const rollups = { ...fleet.rollups, ...Object.fromEntries(reported) }
  const differences = compareRollups(rollups, fleet)
  const standings = judged.map(({ node, proof, hard, partly, rollup }) => {
    const { extra, reasons } = twins.get(node) ?? { extra: false, reasons: [] }
    const { hard: differs = [], soft = [] } = differences.get(node) ?? {}
    const of = (client: 'consensus' | 'execution'): Proof =>
      extra && proof === 'proved' ? 'unknown' : proof === 'proved' && partly.includes(client) ? 'unknown' : proof
    const standing: Standing = {
      consensus: of('consensus'),
      execution: of('execution'),
      hard: [...hard, ...reasons, ...differs],
      soft,
      reported: proof === 'foreign' ? [] : compareBlockTime(node, rollup, fleet.blockTimeMs),
    }
    return [node, standing] as const
  })
  const having = kin.filter((claim) => claim.genesis?.hash === genesis).length
  const settled = genesis !== undefined && having * 2 > Object.keys(fleet.seen).length
  const kept = fleet.genesis ?? (settled ? genesis : undefined)
  return { standings: Object.fromEntries(standings), rollups, ...(kept && { genesis: kept }) }
}

/** An observation masked for decisions: the answer of a client not proved ours is a failure of class `identity`. */
export function mask(sample: Observation, { consensus, execution, hard }: Standing): Observation {
  const [first] = hard
  const message = first
    ? renderReason({ code: first.code, evidence: first.evidence })
    : 'it has not said which chain it is of'
  const masked = <T>(answer: Answer<T>, proof: Proof): Answer<T> =>
    answer.ok && proof !== 'proved' ? { ok: false, failure: 'identity', message } : answer
  return { ...sample, consensus: masked(sample.consensus, consensus), execution: masked(sample.execution, execution) }
}

/** Codes to page for before the node is needed. */
const PAGED = new Set([
  'other-chain',
  'other-genesis',
  'genesis-disputed',
  'same-node',
  'config-differs',
  'fork-differs',
])

/** The identity reasons to page for. */
export function strangers(standing: Standing | undefined): Reason[] {
  return standing
    ? [...[...standing.hard, ...standing.soft].filter(({ code }) => PAGED.has(code)), ...standing.reported]
    : []
}

/** Baton judges lateness by its configured block time; a rollup counts whole seconds. */
function compareBlockTime(node: NodeName, rollup: RollupFields | undefined, blockTimeMs: number | undefined): Reason[] {
  const rollupMs = Number(rollup?.block_time) * 1_000
  if (blockTimeMs === undefined || blockTimeMs % 1_000 !== 0 || Number.isNaN(rollupMs)) return []
  return rollupMs === blockTimeMs ? [] : [reason('block-time', { rollupMs, configuredMs: blockTimeMs }, node)]
}

/** The identity one node claims, from any of its clients. */
type Claim = {
  readonly node: NodeName
  readonly ids: readonly { readonly client: 'consensus' | 'execution'; readonly id: bigint }[]
  readonly genesis?: { readonly hash: Hash; readonly client: 'consensus' | 'execution' }
  /** Block 0 by op-node, if its execution client has another one there. */
  readonly contradiction?: Hash
  readonly rollup?: NonNullable<ConsensusIdentity['rollup']>
  readonly peer?: string
  /** Number of clients asked. */
  readonly asked: number
  /** Clients that did not answer, with the failure's message. */
  readonly failed: readonly { readonly client: 'consensus' | 'execution'; readonly message: string }[]
}

function claimOf(node: NodeName, seen: Identity): Claim {
  const consensus: ConsensusIdentity = seen.consensus?.ok ? seen.consensus.value : {}
  const execution: ExecutionIdentity = seen.execution?.ok ? seen.execution.value : {}
  const { rollup, peer } = consensus
  const reported = rollup?.l2_chain_id
  // On a migrated chain the rollup begins at a later block than 0.
  const named = rollup?.['genesis.l2.number'] === '0' ? (rollup['genesis.l2.hash'] as Hash | undefined) : undefined
  const genesis = execution.genesis
    ? { hash: execution.genesis, client: 'execution' as const }
    : named && { hash: named, client: 'consensus' as const }
  const failed = (['consensus', 'execution'] as const).flatMap((client) => {
    const answer = seen[client]
    return answer && !answer.ok ? [{ client, message: answer.message }] : []
  })
  return {
    node,
    ids: [
      ...(reported !== undefined && /^\d+$/.test(reported)
        ? [{ client: 'consensus' as const, id: BigInt(reported) }]
        : []),
      ...(execution.chainId === undefined ? [] : [{ client: 'execution' as const, id: execution.chainId }]),
    ],
    failed,
    asked: Object.values(seen).length,
    ...(genesis && { genesis }),
    ...(named && genesis && named !== genesis.hash && { contradiction: named }),
    ...(rollup && { rollup }),
    ...(peer !== undefined && { peer }),
  }
}

type Sorted = Claim & { readonly proof: Proof; readonly hard: readonly Reason[]; readonly partly: readonly string[] }

function judgeChain({ node, ids, failed, asked }: Claim, chainId: bigint | undefined): Omit<Sorted, keyof Claim> {
  const other = chainId === undefined ? undefined : ids.find(({ id }) => id !== chainId)
  if (other) {
    const evidence = { client: other.client, chainId: String(other.id), expected: String(chainId) }
    return { proof: 'foreign', hard: [reason('other-chain', evidence, node)], partly: [] }
  }
  const hard = failed.map((evidence) => reason('identity-unknown', evidence, node))
  const partly = failed.map(({ client }) => client)
  if (ids.length > 0 && chainId !== undefined) return { proof: 'proved', hard, partly }
  // For an absent client its failure says enough.
  if (asked === 0 || hard.length > 0) return { proof: 'unknown', hard, partly }
  const message = ids[0] ? `it says chain ${ids[0].id}, and the nodes disagree` : 'it does not report its chain id'
  const client = ids[0]?.client ?? 'execution'
  return { proof: 'unknown', hard: [reason('identity-unknown', { client, message }, node)], partly }
}

function judgeGenesis(claim: Sorted, genesis: Hash | undefined): Sorted {
  const { node, genesis: own, contradiction } = claim
  if (!own) return claim
  if (genesis === undefined) {
    const disputed = reason('genesis-disputed', { hash: own.hash }, node)
    return { ...claim, proof: 'unknown', hard: [...claim.hard, disputed] }
  }
  const other = own.hash === genesis ? contradiction : own.hash
  if (other === undefined) return claim
  const client = own.hash === genesis ? 'consensus' : own.client
  const differs = reason('other-genesis', { client, hash: other, expected: genesis }, node)
  return { ...claim, proof: 'foreign', hard: [...claim.hard, differs] }
}

/** Names that lead to one op-node: each is reported, and one of them, the leader if possible, keeps the vote. */
function findTwins(claims: readonly Claim[], leader: NodeName | undefined) {
  const found = new Map<NodeName, { readonly extra: boolean; readonly reasons: readonly Reason[] }>()
  for (const { node, peer } of claims) {
    if (peer === undefined) continue
    const same = claims.filter((each) => each.peer === peer).map((each) => each.node)
    if (same.length < 2) continue
    const keeps = leader !== undefined && same.includes(leader) ? leader : same[0]
    const others = same.filter((name) => name !== node).join(', ')
    found.set(node, { extra: node !== keeps, reasons: [reason('same-node', { others, peer }, node)] })
  }
  return found
}
