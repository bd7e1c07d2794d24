import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Table from 'cli-table3'
import { commitBody } from './commit-body.ts'
import { startGateProcess } from './commit-child.ts'
import { conductorClient } from './commit-client.ts'
import { startLoadProcess } from './proxy-process.ts'

// Commit latency as op-node meets it, alone and beside 200 proxied calls a second, in one run and one gate, a few blocks
// each in turn. The calls and the node that answers them are a process of their own, which gives way to the others: a
// batcher and a node are on machines of theirs. It still shares this machine's cores, and so is part of what is measured.

const CALLS_A_SECOND = 200
const SIZES = [
  { bytes: 5_000, blocks: 200 },
  { bytes: 100_000, blocks: 100 },
  { bytes: 1_300_000, blocks: 40 },
]
const ROUND = 10
const WARM_UP = 300
/** Between two commits: op-node has a block a second at most, and none waits for the one before. */
const PAUSE_MS = 100
/** How often a block is sent again when the store is late. */
const TRIES = 10

const cache = join(import.meta.dirname, '..', '..', '.cache')
await mkdir(cache, { recursive: true })
const folder = await mkdtemp(join(cache, 'bench-'))
const load = await startLoadProcess()
const gate = await startGateProcess(folder, load.node)
const to = (path: string) => gate.url.replace('://', '://a:secret-of-a@').concat(path)
const client = conductorClient(to('/v1/chains/901/nodes/a'))
await load.aim(to('/v1/chains/901/leader'), CALLS_A_SECOND)

try {
  const head = ['tx bytes', 'alone p50 / p99', 'beside p50 / p99', 'ratio of p50', 'calls answered / s', 'their p50']
  const table = new Table({ head, style: { head: [], border: [] }, colAligns: head.map(() => 'right') })
  let number = 0
  let repeated = 0
  const commit = async (bytes: number, into?: number[]) => {
    number += 1
    const body = commitBody(number, bytes)
    for (let n = 1; ; n++) {
      const { ms, text } = await client.send(body)
      if (text.includes('"result":null')) {
        if (n === 1) into?.push(ms)
        break
      }
      // On a machine busy with other work a write may be late. As op-node, send it again; it is no measure of anything.
      if (!text.includes('store-unavailable') || n === TRIES) throw new Error(`not committed: ${text}`)
      repeated += 1
      await sleep(1_000)
    }
    await sleep(PAUSE_MS)
  }
  for (let i = 0; i < WARM_UP; i++) await commit(5_000)
  for (const { bytes, blocks } of SIZES) {
    const alone: number[] = []
    const beside: number[] = []
    await load.take()
    for (let round = 0; round < blocks / ROUND; round++) {
      for (const loaded of round % 2 === 0 ? [false, true] : [true, false]) {
        await load.run(loaded)
        // The first of a round meets what the change has left.
        await commit(bytes)
        for (let i = 0; i < ROUND; i++) await commit(bytes, loaded ? beside : alone)
      }
    }
    await load.run(false)
    const { answered, failed, seconds } = await load.take()
    // What the proxy refuses since too much waits, or store or node were late, is a sign of a busy machine. Else it is a fault.
    const late = failed.filter((text) => /"code":"(busy|store-unavailable|node-silent)"/.test(text))
    const faults = failed.filter((text) => !late.includes(text))
    if (faults.length > 0) throw new Error(`${faults.length} proxied calls failed: ${faults.slice(0, 5).join(' ')}`)
    if (late.length > 0) console.log(`${late.length} proxied calls came too late: this machine has other work`)
    table.push([
      bytes.toLocaleString('en'),
      describe(alone),
      describe(beside),
      (quantile(beside, 0.5) / quantile(alone, 0.5)).toFixed(2),
      Math.round(answered.length / seconds),
      `${quantile(answered, 0.5).toFixed(1)} ms`,
    ])
  }
  console.log(table.toString())
  if (repeated > 0) console.log(`${repeated} commits found no store within 400 ms: this machine has other work`)
} finally {
  await load.run(false)
  client.close()
  await gate.stop()
  await load.stop()
  await rm(folder, { recursive: true })
}

function describe(ms: readonly number[]): string {
  return `${quantile(ms, 0.5).toFixed(1)} / ${quantile(ms, 0.99).toFixed(1)} ms`
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
