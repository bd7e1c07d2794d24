import * as v from 'valibot'
import { signalWithin } from '../../signal-within.ts'
import type { Call, Came, Operation } from '../engine/operation.ts'
import { type BackfillInput, backfillDocument, backfillInput } from './document.ts'
import { planBackfill } from './plan.ts'
import type { BackfillPorts } from './ports.ts'
import { runBackfill } from './run.ts'
import { formatFinding, renderPlan, renderProgress, renderRan } from './text.ts'

/** The work of a run so far, over its slices. The node itself shows the progress. */
const state = v.object({
  slices: v.optional(v.number(), 0),
  blocks: v.optional(v.number(), 0),
  ms: v.optional(v.number(), 0),
  /** Payloads per source. */
  given: v.optional(v.record(v.string(), v.number()), {}),
  /** Corrupt payloads, by place. */
  findings: v.optional(v.array(v.string()), []),
})
export type BackfillState = v.InferOutput<typeof state>
type At = Call<BackfillPorts, BackfillInput, BackfillState>

/** Slices of 35 s of plugging each: some three hours in all, without the planning before and the last check after. */
const MOST_SLICES = 240
const SLICE_MS = 35_000
/** How long a node may make no progress in a slice, ms. */
const STALL_MS = 15_000
/** A state machine's payload is bounded. */
const MOST_NAMED = 20

/** Gives a node the committed blocks it lacks, in slices; a repeated or lost slice does no harm. */
export const backfill: Operation<BackfillPorts, BackfillInput, BackfillState> = {
  name: 'Backfill',
  comment: 'Baton: backfill',
  handlerSeconds: 65,
  timeoutSeconds: 14_400,
  document: backfillDocument,
  input: backfillInput,
  state,
  start: 'Plan',
  nodes: {
    Plan: {
      does: 'find which committed blocks the node lacks, and who has them',
      run: plan,
      seconds: 70,
      next: 'Anything missing?',
      failed: 'Not planned',
    },
    'Anything missing?': { outcomes: { 'nothing-missing': 'Nothing missing' }, otherwise: 'Dry run?' },
    'Dry run?': { given: 'dryRun', yes: 'Would plug', no: 'Plug a slice' },
    'Plug a slice': {
      does: 'give it the next committed blocks, oldest first, and check that they are there with their state',
      run: plug,
      seconds: 70,
      sliceMs: SLICE_MS,
      next: 'Done?',
      failed: 'Not plugged',
    },
    'Done?': { outcomes: { plugged: 'Plugged', interrupted: 'Interrupted' }, otherwise: 'Count the slices' },
    'Count the slices': { most: MOST_SLICES, enough: 'Sliced enough?', again: 'Plug a slice', after: 'Unfinished' },
    'Nothing missing': {
      end: 'succeeded',
      comment: 'The node has every committed block, with the state of the newest',
    },
    'Would plug': { end: 'succeeded', comment: 'Dry run: nothing was changed' },
    Plugged: { end: 'succeeded', comment: 'The newest block asked for was seen to be there, with its state' },
    Interrupted: { end: 'failed', error: 'BackfillInterrupted', why: 'text' },
    Unfinished: {
      end: 'failed',
      error: 'BackfillUnfinished',
      why: { text: 'Not done after three hours. What was plugged stays: start it again, it resumes there.' },
    },
    'Not planned': { end: 'failed', error: 'BackfillNotPlanned', why: 'error' },
    'Not plugged': { end: 'failed', error: 'BackfillNotPlugged', why: 'error' },
  },
}

async function plan({ ports, input, report }: At): Promise<Came> {
  const planned = await planBackfill(ports, requestOf(input))
  const text = renderPlan(planned)
  report(text)
  return { outcome: planned.range ? 'missing' : 'nothing-missing', text }
}

async function plug({ ports, input, state: so, sliceMs, signal, progress }: At): Promise<Came> {
  const planned = await planBackfill(ports, requestOf(input))
  const { by = 'the backfill workflow' } = input
  const ran = await runBackfill(ports, planned, {
    actor: { kind: 'operator', name: by },
    part: so.slices === 0 ? 'first' : 'next',
    stallMs: STALL_MS,
    signal: signalWithin(sliceMs, signal),
    onProgress: (at) => progress(renderProgress(at)),
  })
  const state = {
    slices: so.slices + 1,
    blocks: so.blocks + ran.blocks,
    ms: so.ms + ran.ms,
    given: added(so.given, ran.given),
    findings: [...new Set([...so.findings, ...ran.findings.map(formatFinding)])].slice(0, MOST_NAMED),
  }
  const text = renderRan({ ...ran, ...state })
  if (ran.outcome !== 'interrupted') return { outcome: 'plugged', text, state }
  return { outcome: signal.aborted ? 'interrupted' : 'plugging', text, state }
}

const requestOf = ({ node, from, to, through }: BackfillInput) => ({ node, from, to, through })

function added(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum = { ...a }
  for (const [source, count] of Object.entries(b)) sum[source] = (sum[source] ?? 0) + count
  return sum
}
