import { type Block, type Hash, isNoBlock } from './block.ts'
import type { Decision, View } from './decision.ts'
import { formatUnderived, underivedBy } from './derivation.ts'
import type { L2Block } from './observation.ts'
import { type Reason, reason, renderReason } from './reason.ts'
import type { Actor, Head, Lease, NodeName, Switchover } from './records.ts'
import { promiseBreakers } from './uncommitted.ts'
import { absent, type Write } from './write.ts'

/** The decision for a chain without records. */
export type Bootstrap = { readonly seed: L2Block; readonly reasons: Reason[] } | { readonly wait: Reason }

/** All nodes must show the same for at least a slot, and for this long (ms): one sample proves no agreement. */
const STILL_MS = 1_000

/**
 * Baton takes over a fresh chain, or one whose nodes were just pointed at it, only when nothing can go wrong: every
 * node answers, none sequences, each runs with a conductor, none still builds its chain from L1, and all are on one
 * chain that has stood still for a while. The wait covers the last block of a stopped sequencer, which may still be in
 * a node's queue. Anything else waits for an operator (`baton adopt`).
 */
export function bootstrap(view: View): Bootstrap {
  const { now, policy, nodes, observed, gate, stillSince, linked = [] } = view
  const wait = (message: string): Bootstrap => ({ wait: reason('bootstrap-wait', { message }) })
  if (gate && !gate.ok) return wait(`the gate does not answer: ${gate.message}`)
  const [breaker] = promiseBreakers(view)
  if (breaker) return wait(renderReason(breaker))
  const sequencing = sequencingNodes(view)
  if (sequencing.length > 0) return wait(formatSequencing(sequencing))
  const heads: L2Block[] = []
  for (const { name } of nodes) {
    const sample = observed[name]?.observation
    if (!sample?.consensus.ok || !sample.execution.ok) return wait(formatAbsent(view, name))
    const { conductor, unsafe } = sample.consensus.value
    if (conductor === false) return wait(`${name} runs without --conductor.enabled`)
    heads.push(unsafe)
  }
  const sorted = heads.toSorted((a, b) => (a.number < b.number ? -1 : 1))
  const highest = sorted.at(-1)
  if (!highest) return wait('no node is configured')
  if (isNoBlock(highest.hash)) return wait('the nodes have not loaded their chain yet')
  for (const { name } of nodes) {
    const underived = underivedBy(view, name)
    if (underived) return wait(formatUnderived(name, underived))
  }
  const ageMs = now - Number(highest.timestamp) * 1_000
  if (highest.number > 0n && ageMs < policy.verifyMs)
    return wait(`block ${highest.number} is ${ageMs} ms old: what came after it may be on its way to a node`)
  const apart = sorted.find(({ hash }) => hash !== highest.hash && !linked.includes(hash))
  if (apart) return wait(`block ${apart.number} ${apart.hash} is not yet proven an ancestor of ${highest.hash}`)
  const stillMs = now - (stillSince ?? Number.NEGATIVE_INFINITY)
  if (stillMs < Math.max(policy.blockTimeMs, STILL_MS))
    return wait(`the nodes have agreed on block ${highest.number} for ${Math.round(stillMs)} ms only`)
  return { seed: highest, reasons: [reason('bootstrap', { number: String(highest.number), hash: highest.hash })] }
}

/** Every node that sequences, in configured order. */
export function sequencingNodes({ nodes, observed }: View): NodeName[] {
  return nodes.flatMap(({ name }) => {
    const consensus = observed[name]?.observation.consensus
    return consensus?.ok && consensus.value.sequencing ? [name] : []
  })
}

function formatSequencing([first, ...others]: readonly NodeName[]): string {
  return others.length === 0
    ? `${first} sequences outside Baton; take it over with "baton adopt"`
    : `${[first, ...others].join(' and ')} sequence outside Baton; stop those that do not lead (admin_stopSequencer), then "baton adopt"`
}

/** Why a node is missing: a stranger behind its name does answer. */
function formatAbsent({ observed }: View, name: NodeName): string {
  const [stranger] = observed[name]?.identity?.hard ?? []
  return stranger ? renderReason(stranger) : `${name} does not answer`
}

/** The decision without records: seed, or observe and report what is missing. */
export function decideBootstrap(view: View): Omit<Decision, 'verdicts'> {
  // Never rebuild a lost head from what the nodes happen to have.
  if (view.lostRecords) {
    const lost = [reason('records-lost')]
    return { condition: 'halted', commands: [], reasons: lost, page: lost }
  }
  const outcome = bootstrap(view)
  if ('wait' in outcome) return { condition: 'observing', commands: [], reasons: [outcome.wait], page: [] }
  const { seed: block, reasons } = outcome
  return { condition: 'moving', commands: [{ act: 'seed', block, reasons }], reasons, page: [] }
}

/**
 * The first head of a chain: a block the nodes already have, without a leader. Only if there is no head.
 *
 * @param payload its envelope (JSON, zstd), so that it outlives the nodes; absent = no node could give it.
 */
export function seedHead(block: Block, term: number, at: number, payload?: Uint8Array): Write<Head> {
  return {
    set: { ...block, leader: '', term, committedTerm: 0, committedAt: at, fencedAt: at, ...(payload && { payload }) },
    when: absent('term'),
  }
}

/**
 * The first lease of a chain, observing until commits flow. Only if there is no lease. `first` decides which node is
 * granted first; `genesis` is the chain's, absent = not proved yet.
 */
export function seedLease(
  leader: string,
  term: number,
  by: Actor,
  at: number,
  { first, genesis }: { readonly first?: Switchover | undefined; readonly genesis?: Hash | undefined } = {},
): Write<Lease> {
  return {
    set: {
      leader,
      term,
      cause: { code: 'bootstrap', by: by.name },
      previousLeader: '',
      grantedAt: at,
      renewedAt: at,
      expiresAt: at,
      mode: 'auto',
      modeBy: by.name,
      modeAt: at,
      armedAt: 0,
      tried: [],
      grants: [],
      cooldownUntil: 0,
      quarantine: {},
      orders: 0,
      ...(genesis && { genesis }),
      ...(first && { switchover: first }),
    },
    when: absent('term'),
  }
}
