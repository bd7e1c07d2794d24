import { parentPort, workerData } from 'node:worker_threads'
import type { Violation } from './journal.ts'
import { mutate } from './mutate.ts'
import type { Plan } from './plan.ts'

/** A worker's share: every `step`-th seed from `from` on, below `to`; or plans that are given. */
export type Share = {
  readonly from: number
  readonly to: number
  readonly step: number
  readonly plans?: readonly Plan[]
  /** The mutation to run under, by name. */
  readonly mutation?: string
  /** End with the first violation. */
  readonly untilViolated: boolean
}

/** What a worker reports from time to time; counts are since the last time. */
export type Report = {
  readonly histories: number
  readonly events: number
  readonly reached: readonly (readonly [string, number])[]
  readonly failures: readonly { readonly seed: number; readonly violation: Violation }[]
  readonly last: boolean
}

const REPORT_MS = 500

const { from, to, step, plans, mutation, untilViolated }: Share = workerData
if (mutation !== undefined) mutate(mutation)
// The stacks are not read: those of errors that are part of a history; a replay has them.
Error.stackTraceLimit = 0

let crashed: Violation | undefined
process.on('unhandledRejection', (error) => {
  crashed ??= { invariant: 'crash', message: `not awaited: ${error}`, at: 0 }
})

const { runHistory } = await import('./history.ts')
const { makePlan } = await import('./make-plan.ts')

function* plansOfSeeds() {
  for (let seed = from; seed < to; seed += step) yield makePlan(seed)
}

const pause = () => new Promise((resolve) => setImmediate(resolve))
let reached = new Map<string, number>()
let failures: { seed: number; violation: Violation }[] = []
let [histories, events, reported] = [0, 0, performance.now()]

function report(last: boolean): void {
  parentPort?.postMessage({ histories, events, reached: [...reached], failures, last } satisfies Report)
  reached = new Map()
  failures = []
  ;[histories, events, reported] = [0, 0, performance.now()]
}

for (const plan of plans ?? plansOfSeeds()) {
  const outcome = await runHistory(plan).catch((error: Error) => ({
    violation: { invariant: 'crash', message: error.message, at: 0 } as const,
    events: 0,
    reached: new Map<string, number>(),
  }))
  await pause()
  const violation = outcome.violation ?? crashed
  crashed = undefined
  histories++
  events += outcome.events
  for (const [state, count] of outcome.reached) reached.set(state, (reached.get(state) ?? 0) + count)
  if (violation) failures.push({ seed: plan.seed, violation })
  if (violation && untilViolated) break
  if (performance.now() - reported > REPORT_MS) report(false)
}
report(true)
