import { record } from '../../context/record.ts'
import { BatonError } from '../../errors.ts'
import type { BlockId } from '../../protocol/block.ts'
import { type Reason, reason } from '../../protocol/reason.ts'
import type { Actor } from '../../protocol/records.ts'
import type { Finding } from './asked-sources.ts'
import { EngineLiedError } from './errors.ts'
import { fetchPayloads } from './fetch-payloads.ts'
import type { Plan } from './plan.ts'
import { plugConsensus } from './plug-consensus.ts'
import { plugEngine } from './plug-engine.ts'
import type { BackfillPorts } from './ports.ts'
import { formatRange, measure, type Progress, sizeOf } from './range.ts'
import { missingAt } from './verify.ts'

export type RunOptions = {
  /** The requester, for the history. */
  readonly actor: Actor
  readonly onProgress?: (progress: Progress) => void
  /** Ends it at the next verified block; another run continues from there. */
  readonly signal?: AbortSignal
  /** How long the node may make no progress, ms. Default 30 s. */
  readonly stallMs?: number
  /** For a run in parts, the history records the begin of the first part and the end, not each part. */
  readonly part?: 'first' | 'next'
}

/** The result of a run. */
export type Ran = {
  readonly outcome: 'plugged' | 'nothing-missing' | 'interrupted'
  /** Blocks plugged in this run, and its duration (ms). */
  readonly blocks: number
  readonly ms: number
  /** The newest verified block, with its state. */
  readonly at: BlockId
  /** Payloads per source. */
  readonly given: Readonly<Record<string, number>>
  readonly findings: readonly Finding[]
}

/**
 * Plugs the planned range, oldest first, and verifies it by observation. It keeps no state of its own: the node's
 * blocks are its progress, so a run after a crash of Baton continues where the last one ended. The history records its
 * begin and its end.
 *
 * @throws RangeUnavailableError | EngineLiedError | PayloadRefusedError | NoProgressError
 */
export async function runBackfill(ports: BackfillPorts, plan: Plan, options: RunOptions): Promise<Ran> {
  const { clock } = ports
  const { node, range, sources, gaps } = plan
  const startedAt = clock.now()
  let at: BlockId = gaps.anchor
  let blocks = 0
  const given: Record<string, number> = {}
  const ran = (outcome: Ran['outcome']): Ran => {
    return { outcome, blocks, at, ms: clock.now() - startedAt, given, findings: sources.findings }
  }
  if (!range) return ran('nothing-missing')

  const note = (what: string, reasons: readonly Reason[]) => {
    const { term, number } = plan.head
    return record(ports, { what, actor: options.actor, term, head: number, node, reasons })
  }
  const total = sizeOf(range)
  const onVerified = (block: BlockId) => {
    at = block
    blocks = Number(block.number - range.from) + 1
    options.onProgress?.(measure({ number: block.number, done: blocks, total }, startedAt, clock.now()))
  }
  if (options.part !== 'next')
    await note('backfill', [
      reason('backfill-range', { range: formatRange(range), blocks: total, through: plan.through }, node),
    ])
  try {
    await plug(ports, plan, { ...options, onVerified, given })
    const missing = await missingAt(ports.clients(node).execution, at)
    if (missing !== undefined) throw new EngineLiedError(node, at, { claimed: 'VALID', observed: missing })
  } catch (error) {
    const code = error instanceof BatonError ? error.code : 'unknown'
    const message = error instanceof Error ? error.message : String(error)
    await note('backfill-failed', [
      reason('backfill-failed', { blocks, code, message }, node),
      ...corrupt(sources.findings),
    ])
    throw error
  }
  const done = at.number === range.to
  if (done || options.part === undefined) {
    const evidence = { blocks, ms: clock.now() - startedAt, number: String(at.number), hash: at.hash }
    const plugged = reason('backfill-done', { ...evidence, sources: formatGiven(given) }, node)
    await note(done ? 'backfill-done' : 'backfill-interrupted', [plugged, ...corrupt(sources.findings)])
  }
  return ran(done ? 'plugged' : 'interrupted')
}

async function plug(
  ports: BackfillPorts,
  { node, range, through, sources, chain }: Plan,
  {
    stallMs,
    signal,
    onVerified,
    given,
  }: RunOptions & { readonly onVerified: (block: BlockId) => void; readonly given: Record<string, number> },
): Promise<void> {
  if (!range) return
  const { clock } = ports
  const { execution, consensus, engine } = ports.clients(node)
  await ports.port(node).prove?.('execution')
  if (through === 'consensus') await ports.port(node).prove?.('consensus')
  let unavailable: unknown
  // When the payloads run out, those already given still become the head and are verified.
  const envelopes = async function* () {
    try {
      for await (const { envelope, source } of fetchPayloads(sources, chain, range)) {
        given[source] = (given[source] ?? 0) + 1
        yield envelope
      }
    } catch (error) {
      unavailable = error
    }
  }
  const limits = { onVerified, ...(signal && { signal }), ...(stallMs !== undefined && { stallMs }) }
  if (through === 'consensus') await plugConsensus({ node, consensus, execution, clock }, envelopes(), limits)
  else if (engine) await plugEngine({ node, engine, execution, clock }, envelopes(), limits)
  if (unavailable !== undefined) throw unavailable
}

/** The history names at most this many corrupt payloads; the log names each. */
const MOST_NAMED = 10

function corrupt(findings: readonly Finding[]): Reason[] {
  return findings
    .filter(({ kind }) => kind === 'corrupt')
    .slice(0, MOST_NAMED)
    .map(({ source, place, message, differs = [] }) => {
      const fields = differs.length > 0 ? ` (differs in ${differs.join(', ')})` : ''
      return reason('payload-corrupt', { source, place, message: `${message}${fields}` })
    })
}

const formatGiven = (given: Readonly<Record<string, number>>) =>
  Object.entries(given)
    .map(([source, count]) => `${source} ${count}`)
    .join(', ')
