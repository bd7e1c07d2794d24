import * as v from 'valibot'
import { systemClock } from '../../context/ports.ts'
import { signalWithin } from '../../signal-within.ts'
import type { ObjectStore, Stores } from '../../store/stores.ts'
import { InvalidInputError } from '../engine/errors.ts'
import type { Call, Came, Operation } from '../engine/operation.ts'
import type { ResequenceConfig } from './config.ts'
import { batchOf, keepOf, type ResequenceInput, resequenceDocument, resequenceInput } from './document.ts'
import { Interrupted, ResequenceRefused, ZkNodeFailed } from './errors.ts'
import type { Run } from './journal.ts'
import { asTheOnlyOne, type Held } from './lease.ts'
import { openResequence } from './open.ts'
import { begin, goBack, planResequence, resume } from './operate.ts'
import type { RunContext } from './run.ts'
import { renderPlan } from './text.ts'

/** The ports of a re-sequencing. */
export type ResequencePorts = {
  readonly config: ResequenceConfig
  readonly stores: Stores
  readonly objects: ObjectStore
  /** How a run is opened; a simulation of the machines replaces it. */
  readonly open?: typeof openResequence
}

const state = v.object({
  /** When it was planned (Unix ms): the node's logs are read from then on. */
  since: v.optional(v.number()),
  /** Its latest messages, including what a person has to do. */
  said: v.optional(v.array(v.string()), []),
})
type At = Call<ResequencePorts, ResequenceInput, v.InferOutput<typeof state>>

/** Slices of four minutes or more: a day. */
const MOST_SLICES = 360
/** Time limit of a slice; stopping a node that ignores its signal takes seven minutes of it. */
const SLICE_SECONDS = 890
/** A slice begins nothing new after this time, ms. */
const SLICE_MS = 240_000
/** A state machine's payload is bounded. */
const MOST_SAID = 20

/** Rebuilds the batches of a cdk-erigon chain, in slices. The run's journal holds its progress. */
export const resequence: Operation<ResequencePorts, ResequenceInput, v.InferOutput<typeof state>> = {
  name: 'Resequence',
  comment: 'Baton: re-sequencing',
  handlerSeconds: 880,
  timeoutSeconds: 90_000,
  document: resequenceDocument,
  input: resequenceInput,
  state,
  start: 'Plan',
  nodes: {
    Plan: {
      does: 'plan the run, and check that the hash confirms it',
      run: plan,
      seconds: 180,
      next: 'Dry run?',
      failed: 'Not planned',
    },
    'Dry run?': { given: 'dryRun', yes: 'Would carry out', no: 'Confirmed?' },
    'Confirmed?': { outcomes: { confirmed: 'Carry it on' }, otherwise: 'Refused' },
    'Carry it on': {
      does: 'carry the run on, as its journal has it',
      run: carry,
      seconds: SLICE_SECONDS,
      sliceMs: SLICE_MS,
      next: 'Over?',
      failed: 'Stopped',
    },
    'Over?': { outcomes: { done: 'Done' }, otherwise: 'Count the slices' },
    'Count the slices': { most: MOST_SLICES, enough: 'Sliced enough?', again: 'Carry it on', after: 'Unfinished' },
    'Would carry out': { end: 'succeeded', comment: 'Dry run: nothing was changed; the plan is in the output' },
    Done: {
      end: 'succeeded',
      comment: 'Every required predicate holds and the chain continues; or it is back as it was',
    },
    Refused: { end: 'failed', comment: 'Nothing was changed', error: 'ResequenceRefused', why: 'text' },
    Unfinished: {
      end: 'failed',
      error: 'ResequenceUnfinished',
      why: { text: 'Not done after a day. Nothing was undone: start it again with the act "resume", or "restore".' },
    },
    'Not planned': { end: 'failed', error: 'ResequenceNotPlanned', why: 'error' },
    Stopped: {
      end: 'failed',
      comment: 'The cause says whether to resume or to restore; docs/resequence.md',
      error: 'ResequenceStopped',
      why: 'error',
    },
  },
}

/** Shows the plan; changes nothing. */
async function plan(at: At): Promise<Came> {
  const since = systemClock.now()
  try {
    const runContext = open(at, new AbortController().signal)
    const { confirmed, text } = await (at.input.act === 'begin' ? planBegin(runContext, at) : planOpen(runContext, at))
    return { outcome: confirmed ? 'confirmed' : 'refused', text, state: { since } }
  } catch (error) {
    const isRefusal = error instanceof ResequenceRefused || error instanceof InvalidInputError
    if (error instanceof ZkNodeFailed || !isRefusal) throw error
    return { outcome: 'refused', text: error.message, state: { since } }
  }
}

async function planBegin(runContext: RunContext, { input }: At) {
  const { from, strict, reuse, bad, hash } = input
  const batch = batchOf(input)
  const latest = await runContext.journal.latest()
  const open = latest && !latest.ended ? `run ${latest.number} is not over: resume or restore it first\n` : ''
  const planned = await planResequence(runContext, { from, strict, reuse, bad, by: asker(input), batch }).catch(
    (error: unknown) => {
      // A run under way has stopped the node.
      if (open && error instanceof ZkNodeFailed) return undefined
      throw error
    },
  )
  if (!planned) return { confirmed: false, text: open }
  const confirmed = hash === undefined ? undefined : keepOf(input).hash === planned.request.keep.hash
  const wrong = confirmed === false ? `${hash} is not the last block of batch ${batch}\n` : ''
  return { confirmed: confirmed === true && open === '', text: `${open}${wrong}${renderPlan(planned)}` }
}

/** The open run and its progress. */
async function planOpen({ journal }: RunContext, { input }: At) {
  const run = await journal.latest()
  if (!run || run.ended) throw new ResequenceRefused('no run is open', 'Begin one.')
  const { keep, by } = run.request
  const last = run.entries.findLast(({ state }) => state !== 'taken')
  const text = `run ${run.number} by ${by} keeps batch ${keep.batch} ${keep.hash}; it stands at ${last?.step} ${last?.state}: ${last?.words}`
  if (input.act === 'resume') return { confirmed: true, text }
  const given = keepOf(input)
  const same = given.batch === keep.batch && given.hash === keep.hash
  return { confirmed: same, text: same ? text : `${given.batch}:${given.hash} is not what it keeps; ${text}` }
}

/** Carries a run on for a slice of time; one execution at a time, in as many slices as it takes. */
async function carry(at: At): Promise<Came> {
  const said: string[] = []
  const report = (text: string) => {
    at.report(text)
    said.push(text)
  }
  const lease = {
    leases: at.ports.stores.monitorLease,
    clock: systemClock,
    chain: String(at.ports.config.chain.id),
    by: asker(at.input),
    signal: signalWithin(at.sliceMs, at.signal),
    ttlMs: at.ports.config.patience.leaseMs,
    owner: ownerOf(at),
    // No other process may begin between two slices.
    keeps: isUndone,
  }
  const { done, text } = await asTheOnlyOne(lease, async (until, held) => {
    const runContext = open({ ...at, report }, until, held)
    try {
      const run = await carryOn(runContext, at)
      return { done: true, text: `run ${run.number}: ${run.entries.at(-1)?.words}` }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
      return { done: false, text: error.message }
    }
  })
  const state = { said: said.slice(-MOST_SAID).map((line) => line.slice(0, 1_000)) }
  return { outcome: done ? 'done' : 'under-way', text, state }
}

const isUndone = (carried: unknown): boolean =>
  typeof carried === 'object' && carried !== null && 'done' in carried && carried.done === false

async function carryOn(runContext: RunContext, at: At): Promise<Run> {
  const { input } = at
  const latest = await runContext.journal.latest()
  // An earlier slice of the same execution began the run, or ended it without its answer arriving.
  const own = latest?.owners.includes(ownerOf(at)) === true
  if (latest?.ended && own) return latest
  if (own && latest.owners.at(-1) !== ownerOf(at)) {
    const other = latest.entries.at(-1)?.by ?? latest.request.by
    throw new ResequenceRefused(`run ${latest.number} was taken on by ${other}`, 'It continues there.')
  }
  if (input.act === 'restore') return await goBack(runContext, keepOf(input))
  if (input.act === 'resume' || (own && latest)) return await resume(runContext)
  const { from, strict, reuse, bad } = input
  return await begin(runContext, { from, strict, reuse, bad, keep: keepOf(input), by: asker(input) })
}

function open({ ports, input, state: { since }, report }: At, signal: AbortSignal, held?: Held): RunContext {
  const { config, stores, objects, open: opens = openResequence } = ports
  const how = { ...(since !== undefined && { since }), ...(held && { held }) }
  return opens({ config, stores, objects, by: asker(input), say: report, signal, ...how })
}

const asker = ({ by }: ResequenceInput): string => by ?? 'the resequence workflow'

/** The lease owner of this execution, the same in each slice; the same person may start two executions. */
const ownerOf = ({ input, owner }: Pick<At, 'input' | 'owner'>): string => `${asker(input)}/${owner}`
