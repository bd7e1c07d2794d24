import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import Table from 'cli-table3'
import type { CommitTimings } from '../../lib/gate/context.ts'
import { build } from '../real/build.ts'
import { commitBody } from './commit-body.ts'
import { startGateProcess } from './commit-child.ts'
import { type ConductorClient, conductorClient } from './commit-client.ts'
import { startConductors } from './commit-conductors.ts'

// Commit latency as op-node meets it: Baton's gate on its embedded database against op-conductor's raft
// cluster of three, on one machine, in one run, a few blocks each in turn, the same bodies for both.

/** Bytes of transactions in a block, how many blocks, and the ratio of the medians to stay below. */
const SIZES = [
  { bytes: 5_000, blocks: 300, goal: 0.7 },
  { bytes: 100_000, blocks: 150, goal: 0.5 },
  { bytes: 1_300_000, blocks: 40, goal: 0.3 },
  { bytes: 2_400_000, blocks: 30, goal: 0.3 },
  { bytes: 5_000_000, blocks: 15, goal: 0.3 },
]
/** Blocks before those that count: a gate serves for weeks, and its code is compiled after some hundreds. */
const WARM_UP = { first: 600, later: 10 }

/** Blocks one commits before the other's turn: enough not to wait for the other's disk writes. */
const ROUND = 10

/** The blocks of one size: how long each took in ms, or why none was taken. */
type Run = { readonly ms: number[]; refusal: string }

const cache = join(import.meta.dirname, '..', '..', '.cache')
await build()
await mkdir(cache, { recursive: true })
const folder = await mkdtemp(join(cache, 'bench-'))
const gate = await startGateProcess(folder)
const conductors = await startConductors(folder)
const baton = conductorClient(gate.url.replace('://', '://a:secret-of-a@').concat('/v1/chains/901/nodes/a'))
const opConductor = conductorClient(conductors.url)

try {
  const rows = []
  let number = 0
  for (const { bytes, blocks, goal } of SIZES) {
    const ours: Run = { ms: [], refusal: '' }
    const theirs: Run = { ms: [], refusal: '' }
    const warmUp = number === 0 ? WARM_UP.first : WARM_UP.later
    for (let round = -Math.ceil(warmUp / ROUND); round < Math.ceil(blocks / ROUND); round++) {
      const bodies = Array.from({ length: ROUND }, (_, i) => commitBody(number + i + 1, bytes))
      number += ROUND
      const turns = [
        () => commitAll(baton, bodies, ours, round >= 0),
        () => commitAll(opConductor, bodies, theirs, round >= 0),
      ]
      for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn()
      if (round === -1) await gate.takeTimings()
    }
    rows.push({ bytes, goal, json: commitBody(1, bytes).length, ours, theirs, timings: await gate.takeTimings() })
  }
  console.log(render(rows))
  process.exitCode = rows.every(({ ours }) => ours.refusal === '') ? 0 : 1
} finally {
  baton.close()
  opConductor.close()
  await gate.stop()
  await conductors.stop()
  await rm(folder, { recursive: true })
}

async function commitAll(client: ConductorClient, bodies: readonly Buffer[], run: Run, counted: boolean) {
  for (const body of bodies) await commit(client, body, run, counted)
}

async function commit(client: ConductorClient, body: Buffer, run: Run, counted: boolean) {
  const { ms, status, text } = await client.send(body)
  if (status !== 200 || !text.includes('"result":null')) run.refusal = `refused: ${status} ${text.trim().slice(0, 120)}`
  else if (counted) run.ms.push(ms)
}

function ratio(ours: Run, theirs: Run): number {
  return quantile(ours.ms, 0.5) / quantile(theirs.ms, 0.5)
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

type Row = { bytes: number; goal: number; json: number; ours: Run; theirs: Run; timings: CommitTimings[] }

function render(rows: readonly Row[]): string {
  const head = [
    'tx bytes',
    'JSON bytes',
    'Baton p50 / p99',
    'op-conductor p50 / p99',
    'ratio',
    'goal',
    'parse',
    'pack',
    'spill',
    'write',
    'HTTP',
  ]
  const table = new Table({ head, style: { head: [], border: [] }, colAligns: head.map(() => 'right') })
  for (const { bytes, goal, json, ours, theirs, timings } of rows) {
    const median = (pick: (timings: CommitTimings) => number) => quantile(timings.map(pick), 0.5)
    const parts = [
      median((t) => t.parseMs),
      median((t) => t.packMs),
      median((t) => t.spillMs),
      median((t) => t.writeMs),
    ]
    const rest = quantile(ours.ms, 0.5) - parts.reduce((a, b) => a + b, 0)
    table.push([
      bytes.toLocaleString('en'),
      json.toLocaleString('en'),
      describe(ours),
      describe(theirs),
      theirs.ms.length > 0 ? ratio(ours, theirs).toFixed(2) : '–',
      `${goal.toFixed(2)} ${theirs.ms.length === 0 || ratio(ours, theirs) <= goal ? 'met' : 'missed'}`,
      ...[...parts, rest].map((ms) => ms.toFixed(2)),
    ])
  }
  const refusals = rows.flatMap(({ bytes, theirs }) =>
    theirs.refusal ? [`op-conductor, ${bytes} bytes: ${theirs.refusal}`] : [],
  )
  return [table.toString(), 'ms; parse to HTTP: where the median of Baton’s time goes', ...refusals].join('\n')
}

function describe({ ms, refusal }: Run): string {
  if (ms.length === 0) return refusal.slice(0, 12)
  return `${quantile(ms, 0.5).toFixed(1)} / ${quantile(ms, 0.99).toFixed(1)}`
}
