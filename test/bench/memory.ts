import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { commitBody } from './commit-body.ts'
import { startGateProcess } from './commit-child.ts'
import { conductorClient } from './commit-client.ts'
import { judgeGrowth, type Sample } from './growth.ts'

// Whether a gate that serves for long keeps its memory: many commits, most small, some large, some
// refused and repeated. Fails if heap or resident memory grow over the second half of the run.

const SAMPLES = 20

const { values } = parseArgs({ options: { commits: { type: 'string', default: '20000' } } })
const commits = Number(values.commits)
const every = Math.max(1, Math.floor(commits / SAMPLES))

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

const { text, flat } = judgeGrowth('gate', samples)
console.log(`${text}\nsent again because the store took too long: ${slow}`)
process.exitCode = flat ? 0 : 1

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
