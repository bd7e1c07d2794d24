import { parseArgs } from 'node:util'
import { runBatch } from './batch.ts'
import { mutate } from './mutate.ts'
import { printFailure, printHistory, printProgress, printSummary } from './print.ts'
import { printMutations, runMutations } from './run-mutations.ts'
import { missed } from './sometimes.ts'

const USAGE = `npm run simulate -- [--histories N] [--from SEED] [--workers N]   run many histories
npm run simulate -- --seed N [--mutation NAME]                  replay one; shrink it if it fails
npm run simulate -- --mutations [--histories N]                 run every mutation until it is killed`

/** Runs with fewer histories need not reach everything. */
const ENOUGH = 4_000

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    mutation: { type: 'string' },
    mutations: { type: 'boolean' },
    histories: { type: 'string' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    help: { type: 'boolean' },
  },
})
const histories = Number(values.histories ?? (values.mutations ? 6_000 : 2_000))
const print = (text: string) => process.stdout.write(`${text}\n`)

if (values.help) print(USAGE)
else if (values.seed !== undefined) await replay(Number(values.seed))
else if (values.mutations) {
  const results = await runMutations({ histories, workers: Number(values.workers), print })
  print(printMutations(results))
  if (results.some(({ asExpected }) => !asExpected)) process.exitCode = 1
} else await simulate()

async function replay(seed: number): Promise<void> {
  if (values.mutation !== undefined) mutate(values.mutation)
  const { runSeed } = await import('./history.ts')
  const { shrink } = await import('./shrink.ts')
  const outcome = await runSeed(seed, { keepLines: true })
  print(printHistory(outcome.violation ? await shrink(outcome) : outcome))
  if (outcome.violation) process.exitCode = 1
}

async function simulate(): Promise<void> {
  let reported = performance.now()
  const summary = await runBatch({
    from: Number(values.from),
    histories,
    workers: Number(values.workers),
    onFailure: ({ seed, violation }) => print(printFailure(seed, violation)),
    onProgress(now) {
      if (performance.now() - reported < 5_000) return
      reported = performance.now()
      print(printProgress(now))
    },
  })
  const missing = histories >= ENOUGH ? missed(summary.reached) : []
  print(printSummary(summary, missing))
  const [first] = summary.failures
  if (first) print(`\nreplay the first with: npm run simulate -- --seed ${first.seed}`)
  if (first || missing.length > 0) process.exitCode = 1
}
