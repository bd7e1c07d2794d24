import { planBackfill } from '../plan.ts'
import type { BackfillPorts } from '../ports.ts'
import { type Ran, runBackfill } from '../run.ts'
import { asker, type StepInput } from './input.ts'

/** What a slice came to. */
export type Sliced = {
  readonly done: boolean
  readonly outcome: Ran['outcome']
  readonly blocks: number
  /** The newest block seen to be there. */
  readonly at: string
  readonly blocksPerSecond: number
  /** At this rate, until the end; 0 = unknown or done. */
  readonly etaSeconds: number
  readonly given: Readonly<Record<string, number>>
  /** Corrupt payloads that were found in this slice. */
  readonly corrupt: readonly string[]
}

/** A slice plugs for so long; planning before it and the last verification after it come on top. */
const SLICE_MS = 35_000
const PATIENCE_MS = 15_000
/** What a state machine carries from step to step is bounded. */
const MOST_NAMED = 20

/**
 * Plugs as much as a slice of time allows. The node itself tells where the next slice goes on, so one
 * that is repeated or lost costs nothing.
 *
 * @throws what `planBackfill` and `runBackfill` throw.
 */
export async function slice(ports: BackfillPorts, input: StepInput, sliceMs = SLICE_MS): Promise<Sliced> {
  const { node, from, to, n = 0 } = input
  const planned = await planBackfill(ports, { node, from, to })
  let etaMs = 0
  const ran = await runBackfill(ports, planned, {
    actor: { kind: 'operator', name: asker(input) },
    part: n === 0 ? 'first' : 'next',
    patienceMs: PATIENCE_MS,
    signal: AbortSignal.timeout(sliceMs),
    onProgress: (progress) => {
      etaMs = progress.etaMs ?? 0
    },
  })
  const corrupt = ran.findings
    .filter(({ kind }) => kind === 'corrupt')
    .map(({ place, message }) => `${place}: ${message}`)
  return {
    done: ran.outcome !== 'interrupted',
    outcome: ran.outcome,
    blocks: ran.blocks,
    at: String(ran.at.number),
    blocksPerSecond: Math.round(ran.blocks / Math.max(ran.ms / 1000, 0.001)),
    etaSeconds: Math.ceil(etaMs / 1000),
    given: ran.given,
    corrupt: corrupt.slice(0, MOST_NAMED),
  }
}
