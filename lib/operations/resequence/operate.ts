import { ResequenceRefused } from './errors.ts'
import type { Run } from './journal.ts'
import { plans } from './plan.ts'
import { checkFlags } from './programs.ts'
import type { ResequenceRequest } from './request.ts'
import { restore } from './restore.ts'
import { carryOut, type RunContext } from './run.ts'
import { examine, type Outlook } from './steps/check.ts'
import { readLastBlock } from './zk-node.ts'

/** What a run would do and check. */
export type Plan = {
  readonly request: ResequenceRequest
  readonly outlook: Outlook
  readonly steps: readonly { readonly name: string; readonly does: string; readonly checks: readonly string[] }[]
}

/** An operator's request, before the kept batch's last block is known. */
export type Request = Omit<ResequenceRequest, 'keep'> & { readonly batch: bigint }

/**
 * Examines the chain and plans the run. Changes nothing.
 *
 * @throws ResequenceRefused when it is not possible now.
 */
export async function planResequence({ endpoints }: RunContext, { batch, ...how }: Request): Promise<Plan> {
  if (batch === 0n) throw new ResequenceRefused('batch 0 is the genesis', 'Name the last good batch.')
  await checkFlags(endpoints, how)
  const { hash } = await readLastBlock(endpoints.node, batch)
  const request = { ...how, keep: { batch, hash } }
  const outlook = await examine(endpoints, request)
  const steps = plans[request.from].map(({ name, does, checks }) => ({ name, does: does(request), checks }))
  return { request, outlook, steps }
}

/** Begins a run that was confirmed by batch and hash; checks both against the chain first. */
export async function begin(runContext: RunContext, request: ResequenceRequest): Promise<Run> {
  const { journal, endpoints, remember } = runContext
  const latest = await journal.latest()
  if (latest && !latest.ended) throw unfinished(latest)
  await checkFlags(endpoints, request)
  await examine(endpoints, request)
  const run = await journal.begin((latest?.number ?? 0) + 1, request)
  const { keep, from, strict, reuse } = request
  const how = `from ${from}, strict ${strict}, reuse ${reuse}`
  await remember(`asked for: rebuild everything after batch ${keep.batch} ${keep.hash}, ${how} (run ${run.number})`)
  return await carryOut(runContext, run)
}

/** Resumes the open run. */
export async function resume(runContext: RunContext): Promise<Run> {
  return await carryOut(runContext, await openRun(runContext))
}

/** Restores from the open run; confirmed by its kept batch and hash. */
export async function goBack(runContext: RunContext, confirmed: ResequenceRequest['keep']): Promise<Run> {
  const run = await openRun(runContext)
  const { keep } = run.request
  if (confirmed.batch !== keep.batch || confirmed.hash !== keep.hash) {
    const remedy = `Run ${run.number} keeps batch ${keep.batch}: confirm with its hash, which the plan and the history show.`
    throw new ResequenceRefused(`${confirmed.batch}:${confirmed.hash} is not what run ${run.number} keeps`, remedy)
  }
  return await restore(runContext, run)
}

async function openRun({ journal, by, endpoints }: RunContext): Promise<Run> {
  const latest = await journal.latest()
  if (latest && !latest.ended) return await journal.take(latest.number, by, endpoints.clock.now())
  throw new ResequenceRefused('no run is open', 'Begin one with --batch.')
}

function unfinished({ number, request, entries }: Run): ResequenceRefused {
  const last = entries.findLast(({ state }) => state !== 'taken')
  const where = last ? `${last.step} ${last.state}` : 'nothing begun'
  const remedy = 'Go on with --resume, or go back with --restore.'
  return new ResequenceRefused(
    `run ${number} by ${request.by} (keep batch ${request.keep.batch}) is not over: ${where}`,
    remedy,
  )
}
