import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { commitBody } from './commit-body.ts'
import { startGateProcess } from './commit-child.ts'
import { conductorClient } from './commit-client.ts'

// Whether a gate that serves for long keeps its memory: many commits, most small, some large, some
// refused and repeated. Fails if heap or resident memory grow over the second half of the run.

/** The slopes of the second half, times its length, must stay below these. */
const BOUNDS = { heapUsed: 2_000_000, rss: 16_000_000 }
const SAMPLES = 20

const { values } = parseArgs({ options: { commits: { type: 'string', default: '20000' } } })
const commits = Number(values.commits)
const every = Math.max(1, Math.floor(commits / SAMPLES))

type Sample = { readonly commits: number; readonly rss: number; readonly heapUsed: number; readonly external: number }

const cache = join(import.meta.dirname, '..', '..', '.cache')
await mkdir(cache, { recursive: true })
const folder = await mkdtemp(join(cache, 'memory-'))
const gate = await startGateProcess(folder)
const client = conductorClient(gate.url.replace('://', '://a:secret-of-a@').concat('/v1/chains/901/nodes/a'))
const samples: Sample[] = []
let slow = 0

try {
  for (let number = 1; number <= commits; number++) {
    const body = commitBody(number, sizeOf(number))
    await commit(body, '"result":null')
    if (number % 50 === 0) await commit(body, '"result":null')
    if (number % 70 === 0) await commit(commitBody(number + 5, 1_000), '"code":"gap"')
    if (number % every !== 0) continue
    await gate.takeTimings()
    samples.push({ commits: number, ...(await gate.memory()) })
  }
} finally {
  client.close()
  await gate.stop()
  await rm(folder, { recursive: true })
}

const half = samples.slice(Math.floor(samples.length / 2))
const grown = { heapUsed: growth(half, 'heapUsed'), rss: growth(half, 'rss') }
console.log(render())
process.exitCode = grown.heapUsed > BOUNDS.heapUsed || grown.rss > BOUNDS.rss ? 1 : 0

/** Mostly a quiet chain; every 400th block is spilled to an object. */
function sizeOf(number: number): number {
  if (number % 400 === 0) return 1_000_000
  return number % 20 === 0 ? 100_000 : 3_000
}

/** As op-node does, sends a block again that the store was too slow for. */
async function commit(body: Buffer, expected: string): Promise<void> {
  const { status, text } = await client.send(body)
  if (text.includes('store unavailable') && ++slow < commits / 1_000) return commit(body, expected)
  if (status !== 200 || !text.includes(expected)) throw new Error(`${status} ${text.slice(0, 300)}`)
}

/** Least squares: what a straight line through the samples rises from the first to the last. */
function growth(of: readonly Sample[], field: 'heapUsed' | 'rss'): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const x = mean(of.map(({ commits }) => commits))
  const y = mean(of.map((sample) => sample[field]))
  const covariance = of.reduce((sum, sample) => sum + (sample.commits - x) * (sample[field] - y), 0)
  const variance = of.reduce((sum, { commits }) => sum + (commits - x) ** 2, 0)
  return (covariance / variance) * ((of.at(-1)?.commits ?? 0) - (of[0]?.commits ?? 0))
}

function render(): string {
  const mega = (bytes: number) => (bytes / 1e6).toFixed(1)
  const head = ['commits', 'RSS MB', 'heap MB', 'external MB']
  const table = new Table({ head, style: { head: [], border: [] }, colAligns: head.map(() => 'right') })
  for (const { commits, rss, heapUsed, external } of samples) {
    table.push([commits.toLocaleString('en'), mega(rss), mega(heapUsed), mega(external)])
  }
  const line = (name: 'heapUsed' | 'rss') => `${name} ${mega(grown[name])} MB (bound ${mega(BOUNDS[name])})`
  return `${table.toString()}\ngrowth over the second half: ${line('heapUsed')}, ${line('rss')}\nsent again because the store took too long: ${slow}`
}
