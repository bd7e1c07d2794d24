import { Interrupted, ResequenceRefused } from '../errors.ts'
import type { Run } from '../journal.ts'
import { begin, goBack, resume } from '../operate.ts'
import type { Carrier } from '../run.ts'
import { asker, keepOf, ownerOf, type StepInput } from './input.ts'

/** How far the run is after a slice. */
export type Carried = { readonly done: boolean; readonly told: string }

/**
 * Carries a run on for a slice of time: until the carrier's signal aborts, or it is over. Again is harmless:
 * the journal tells how far it is.
 *
 * @throws StepFailed | ResequenceRefused when a person must decide, and what hosts and stores throw.
 */
export async function carry(carrier: Carrier, input: StepInput): Promise<Carried> {
  try {
    const run = await carryOn(carrier, input)
    return { done: true, told: `run ${run.number}: ${run.entries.at(-1)?.words}` }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
    return { done: false, told: error.message }
  }
}

async function carryOn(carrier: Carrier, input: StepInput): Promise<Run> {
  const latest = await carrier.journal.latest()
  // What an earlier slice of the same execution has begun, or ended without being heard.
  const own = latest?.owners.includes(ownerOf(input)) === true
  if (latest?.ended && own) return latest
  if (own && latest.owners.at(-1) !== ownerOf(input)) {
    const other = latest.entries.at(-1)?.by ?? latest.request.by
    throw new ResequenceRefused(`run ${latest.number} was taken on by ${other}`, 'It goes on there.')
  }
  if (input.act === 'restore') return await goBack(carrier, keepOf(input))
  if (input.act === 'resume' || (own && latest)) return await resume(carrier)
  const { from, strict, reuse, bad } = input
  return await begin(carrier, { from, strict, reuse, bad, keep: keepOf(input), by: asker(input) })
}
