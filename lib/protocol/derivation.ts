import type { View } from './decision.ts'
import type { ConsensusView } from './observation.ts'
import type { NodeName } from './records.ts'

/** How a node's derivation follows L1 over several observations. */
export type Derivation = {
  /** Newest L1 block it knew, and how near its derivation has come to it since (L1 blocks). */
  readonly head: bigint
  readonly nearest: bigint
  /** The same for the L1 blocks before, the last two only. */
  readonly before: readonly bigint[]
}

/** Adds a sample. */
export function followDerivation(past: Derivation | undefined, { headL1, currentL1 }: ConsensusView): Derivation {
  const head = headL1.number
  const lag = currentL1.number < head ? head - currentL1.number : 0n
  if (!past || head < past.head) return { head, nearest: lag, before: [] }
  if (head === past.head) return { ...past, nearest: lag < past.nearest ? lag : past.nearest }
  return { head, nearest: lag, before: [...past.before, past.nearest].slice(-2) }
}

/** L1 advanced twice, and it came no nearer: it stays behind on purpose (`--verifier.l1-confs`). */
function isSteady({ before: [first, second] }: Derivation): boolean {
  return first !== undefined && second !== undefined && second >= first
}

/** This many L1 blocks behind is normal delay. */
const FEW = 2n
/** No node stays further behind than this on purpose. */
export const ON_PURPOSE = 16n

/** L1 blocks a node has derived, of how many: it still builds its chain from L1. */
export type Underived = { readonly derived: bigint; readonly of: bigint }

/**
 * What a node still has to derive from L1; `undefined` = it has finished, or does not answer. Measured by the newest
 * L1 block it knows, and by what half of the nodes know: its own endpoint may stand still.
 *
 * @param most the lag accepted as intended before several observations have shown it; a caller that observes only once
 * cannot know.
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
