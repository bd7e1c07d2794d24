import { InvalidInputError } from '../../engine/errors.ts'
import { ResequenceRefused, ZkNodeFailed } from '../errors.ts'
import { planResequence } from '../operate.ts'
import type { Carrier } from '../run.ts'
import { renderPlan } from '../text.ts'
import { asker, batchOf, keepOf, type StepInput } from './input.ts'

/** What would be done, and whether it is confirmed. `since` is the moment it is planned, Unix ms. */
export type Planned = {
  readonly outcome: 'confirmed' | 'refused'
  readonly told: string
  readonly since: number
}

/**
 * Tells what would be done; changes nothing.
 *
 * @throws ZkNodeFailed when the node or L1 does not answer.
 */
export async function plan(carrier: Carrier, input: StepInput): Promise<Planned> {
  const since = carrier.reach.clock.now()
  try {
    const told = await (input.act === 'begin' ? planBegin(carrier, input) : planOpen(carrier, input))
    return { outcome: told.confirmed ? 'confirmed' : 'refused', told: told.words, since }
  } catch (error) {
    if (error instanceof ZkNodeFailed || !isRefusal(error)) throw error
    return { outcome: 'refused', told: error.message, since }
  }
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof ResequenceRefused || error instanceof InvalidInputError

async function planBegin(carrier: Carrier, input: StepInput) {
  const { from, strict, reuse, bad, hash } = input
  const wish = { from, strict, reuse, bad, by: asker(input), batch: batchOf(input) }
  const planned = await planResequence(carrier, wish)
  const latest = await carrier.journal.latest()
  const open = latest && !latest.ended ? `run ${latest.number} is not over: resume or restore it first\n` : ''
  const confirmed = hash === undefined ? undefined : keepOf(input).hash === planned.request.keep.hash
  const wrong = confirmed === false ? `${hash} is not the last block of batch ${wish.batch}\n` : ''
  return { confirmed: confirmed === true && open === '', words: `${open}${wrong}${renderPlan(planned)}` }
}

/** What is open, and where it stands. */
async function planOpen({ journal }: Carrier, input: StepInput) {
  const run = await journal.latest()
  if (!run || run.ended) throw new ResequenceRefused('no run is open', 'Begin one.')
  const { keep, by } = run.request
  const last = run.entries.findLast(({ state }) => state !== 'taken')
  const words = `run ${run.number} by ${by} keeps batch ${keep.batch} ${keep.hash}; it stands at ${last?.step} ${last?.state}: ${last?.words}`
  if (input.act === 'resume') return { confirmed: true, words }
  const given = keepOf(input)
  const same = given.batch === keep.batch && given.hash === keep.hash
  return { confirmed: same, words: same ? words : `${given.batch}:${given.hash} is not what it keeps; ${words}` }
}
