import type { View } from './decision.ts'
import type { ConsensusView } from './observation.ts'
import type { NodeName } from './records.ts'

/** How a node's derivation follows L1 over several looks. */
export type Derivation = {
  /** Newest L1 block it knew, and how near to it its derivation has come since (L1 blocks). */
  readonly head: bigint
  readonly nearest: bigint
  /** The same of the L1 blocks before, the last two only. */
  readonly before: readonly bigint[]
}

/** Adds a look. */
export function followDerivation(past: Derivation | undefined, { headL1, currentL1 }: ConsensusView): Derivation {
  const head = headL1.number
  const lag = currentL1.number < head ? head - currentL1.number : 0n
  if (!past || head < past.head) return { head, nearest: lag, before: [] }
  if (head === past.head) return { ...past, nearest: lag < past.nearest ? lag : past.nearest }
  return { head, nearest: lag, before: [...past.before, past.nearest].slice(-2) }
}

/** L1 went on twice, and it came no nearer: it stays behind on purpose (`--verifier.l1-confs`). */
function isSteady({ before: [first, second] }: Derivation): boolean {
  return first !== undefined && second !== undefined && second >= first
}

/** So many L1 blocks behind is no more than what is on its way. */
const FEW = 2n
/** Further than this no node stays behind on purpose. */
export const ON_PURPOSE = 16n

/** L1 blocks a node has derived, of how many: it still builds its chain from what is on L1. */
export type Underived = { readonly derived: bigint; readonly of: bigint }

/**
 * What a node has still to derive from L1; `undefined` = it has finished, or does not answer. Measured by the newest
 * L1 block it knows, and by what half of the nodes know: its own endpoint may stand still.
 *
 * @param most how far behind is taken to be on purpose before several looks have shown it; who takes one look only
 * cannot tell.
 */
export function underivedBy({ nodes, observed }: View, node: NodeName, most = FEW): Underived | undefined {
  const known = observed[node]
  if (!known?.observation.consensus.ok) return undefined
  const { headL1, currentL1 } = known.observation.consensus.value
  const heads = nodes.flatMap(({ name }) => {
    const consensus = observed[name]?.observation.consensus
    return consensus?.ok ? [consensus.value.headL1.number] : []
  })
  const median = heads.toSorted((a, b) => (a < b ? -1 : 1))[Math.floor((heads.length - 1) / 2)] ?? 0n
  const of = median > headL1.number ? median : headL1.number
  const lag = of - currentL1.number
  const allowed = known.derivation && isSteady(known.derivation) ? ON_PURPOSE : most
  return lag > allowed ? { derived: currentL1.number, of } : undefined
}

/** The sentence about it. */
export const formatUnderived = (node: NodeName, { derived, of }: Underived) =>
  `${node} has derived L1 up to ${derived} of ${of}`
