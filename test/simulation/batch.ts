import { Worker } from 'node:worker_threads'
import type { Violation } from './journal.ts'
import type { Plan } from './plan.ts'
import type { Report, Share } from './worker.ts'

/** What is to be run. */
export type Batch = {
  readonly from: number
  readonly histories: number
  readonly workers: number
  readonly mutation?: string
  readonly untilViolated?: boolean
  readonly onProgress?: (summary: Summary) => void
  readonly onFailure?: (failure: Failure) => void
}

/** A history that must not be. */
export type Failure = { readonly seed: number; readonly violation: Violation }

/** What has been run so far. */
export type Summary = {
  histories: number
  events: number
  readonly reached: Map<string, number>
  readonly failures: Failure[]
  readonly startedAt: number
  /** What the process had used of the CPU when it began. */
  readonly cpuAt: NodeJS.CpuUsage
}

/** Runs histories of consecutive seeds on worker threads. */
export async function runBatch({
  from,
  histories,
  workers,
  mutation,
  untilViolated = false,
  onProgress,
  onFailure,
}: Batch): Promise<Summary> {
  const summary = nothingYet()
  const shares = Array.from(
    { length: workers },
    (_, i): Share => ({
      from: from + i,
      to: from + histories,
      step: workers,
      untilViolated,
      ...(mutation !== undefined && { mutation }),
    }),
  )
  await Promise.all(
    shares.map((share) =>
      run(share, (report) => {
        add(summary, report)
        for (const failure of report.failures) onFailure?.(failure)
        onProgress?.(summary)
      }),
    ),
  )
  summary.failures.sort((a, b) => a.seed - b.seed)
  return summary
}

/** Runs given histories on a thread of their own, under a mutation if one is named. */
export async function runPlans(plans: readonly Plan[], mutation?: string): Promise<Summary> {
  const summary = nothingYet()
  const share = { from: 0, to: 0, step: 1, plans, untilViolated: false, ...(mutation !== undefined && { mutation }) }
  await run(share, (report) => add(summary, report))
  return summary
}

const nothingYet = (): Summary => ({
  histories: 0,
  events: 0,
  reached: new Map(),
  failures: [],
  startedAt: performance.now(),
  cpuAt: process.cpuUsage(),
})

function add(summary: Summary, { histories, events, reached, failures }: Report): void {
  summary.histories += histories
  summary.events += events
  for (const [state, count] of reached) summary.reached.set(state, (summary.reached.get(state) ?? 0) + count)
  summary.failures.push(...failures)
}

function run(share: Share, onReport: (report: Report) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: share,
      // A history's garbage is all young: a larger nursery is collected less often.
      resourceLimits: { maxYoungGenerationSizeMb: 64 },
    })
    worker.on('message', (report: Report) => {
      onReport(report)
      if (report.last) resolve()
    })
    worker.on('error', reject)
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))))
  })
}
