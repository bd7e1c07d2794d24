import { bundle, functions } from '../lambdas/harness/bundle.ts'
import { start } from '../lambdas/harness/invoke.ts'

/** Prints how large each function is and how long its import takes in a new process, and fails above the goals. */
const MOST_BYTES = 500_000
const MOST_MS = 100
const RUNS = 5

/** Addresses where nothing listens: an import must not need them. */
const env = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  BATON_NAME: 'bench',
  BATON_HEADS_TABLE: 'heads',
  BATON_LEASES_TABLE: 'leases',
  BATON_HISTORY_TABLE: 'history',
  BATON_BUCKET: 'bucket',
  BATON_CHAINS: '901',
  BATON_PARAMETERS: '/baton/bench',
  BATON_ACT_FUNCTION_ARN: 'arn:aws:lambda:us-east-1:000000000000:function:act',
  POWERTOOLS_SERVICE_NAME: 'baton',
}

console.log(`function      size   import, best and median of ${RUNS}`)
for (const name of functions) {
  const { bytes } = await bundle(name)
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const running = await start(name, env)
    times.push(running.importMs)
    await running.kill()
  }
  times.sort((a, b) => a - b)
  const [best = 0, median = 0] = [times[0], times[Math.floor(RUNS / 2)]]
  const tooMuch = [bytes > MOST_BYTES && 'too large', median > MOST_MS && 'too slow'].filter(Boolean)
  if (tooMuch.length > 0) process.exitCode = 1
  console.log(
    `${name.padEnd(11)} ${(bytes / 1000).toFixed(0).padStart(3)} kB   ${best.toFixed(0)} ms, ${median.toFixed(0)} ms${tooMuch.map((it) => `  ${it}`).join('')}`,
  )
}
