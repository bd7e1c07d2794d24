import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { freePortOr } from '../../lib/free-port.ts'

// How many chains one monitor process can watch at a tick of a second, as one Lambda has it: one CPU, 512 MB.
// The nodes and the DynamoDB API answer over real HTTP from another process; only the monitor is measured.

const { values } = parseArgs({
  options: {
    chains: { type: 'string', default: '1,10,100,300,1000' },
    seconds: { type: 'string', default: '20' },
    warmup: { type: 'string', default: '12' },
    /** As `baton monitor` on a host: all chains in one process, with its metrics, scraped every 15 s. */
    hosts: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const warmup = Number(values.warmup)
const SCRAPE_MS = 15_000
/** V8's share of 512 MB; the rest is for buffers and code. */
const HEAP_MB = 384

type Measured = {
  turns: number[]
  missed: number
  failed: number
  unwell: number
  acts: number
  cpuMs: number
  wallMs: number
  rss: number
}
type World = { counts: Record<string, number>; cpuMs: number }

const head = [
  'chains',
  'turns/s',
  'CPU %',
  'CPU ms/turn',
  'RSS MB',
  'turn p50 ms',
  'p99',
  'max',
  'missed',
  'failed',
  'not ok',
  'acts',
  'DynamoDB/s',
  'node HTTP/s',
  'world CPU %',
]
const table = new Table({ head, style: { head: [], border: [] }, colAligns: head.map(() => 'right') })
const pinned = spawnSync('taskset', ['-V']).status === 0
for (const count of values.chains.split(',').map(Number)) {
  table.push(await measure(count))
  console.log(table.toString().split('\n').at(-2))
}
console.log(table.toString())
console.log(
  `goal: 1,000 chains, p99 < 1,000 ms, none missed; ${pinned ? 'monitor pinned to one CPU' : 'not pinned: taskset is missing'}, heap bound ${HEAP_MB} MB`,
)

async function measure(chains: number): Promise<string[]> {
  const world = fork(new URL('scale-world.ts', import.meta.url))
  if (pinned && world.pid) spawnSync('taskset', ['-acp', '1', String(world.pid)])
  const [{ port }] = (await once(world, 'message')) as [{ port: number }]
  const metricsPort = values.hosts ? await freePortOr(0) : 0
  const monitor = fork(new URL('scale-monitor.ts', import.meta.url), [chains, port, metricsPort].map(String), {
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
  })
  if (pinned && monitor.pid) spawnSync('taskset', ['-acp', '0', String(monitor.pid)])
  const scraping = values.hosts ? setInterval(() => void scrape(metricsPort), SCRAPE_MS) : undefined
  try {
    await pause(warmup)
    const before = await ask<World>(world, 'counts')
    monitor.send('begin')
    await pause(seconds)
    const measured = await ask<Measured>(monitor, 'end')
    const after = await ask<World>(world, 'counts')
    return row(chains, measured, before, after)
  } finally {
    clearInterval(scraping)
    monitor.kill('SIGKILL')
    world.kill('SIGKILL')
  }
}

function row(chains: number, m: Measured, before: World, after: World): string[] {
  const sorted = m.turns.toSorted((a, b) => a - b)
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(0)
  const perSecond = (of: (name: string) => boolean) => {
    const sum = ({ counts }: World) => Object.entries(counts).reduce((all, [name, n]) => all + (of(name) ? n : 0), 0)
    return ((sum(after) - sum(before)) / seconds).toFixed(0)
  }
  return [
    String(chains),
    (m.turns.length / (m.wallMs / 1_000)).toFixed(0),
    ((100 * m.cpuMs) / m.wallMs).toFixed(0),
    (m.cpuMs / Math.max(1, m.turns.length)).toFixed(2),
    (m.rss / 1e6).toFixed(0),
    at(0.5),
    at(0.99),
    at(1),
    String(m.missed),
    String(m.failed),
    String(m.unwell),
    String(m.acts),
    perSecond((name) => name !== 'node'),
    perSecond((name) => name === 'node'),
    ((after.cpuMs - before.cpuMs) / seconds / 10).toFixed(0),
  ]
}

async function scrape(port: number): Promise<void> {
  const began = performance.now()
  const text = await fetch(`http://127.0.0.1:${port}/metrics`)
    .then((response) => response.text())
    .catch(String)
  console.log(`scraped ${(text.length / 1e6).toFixed(1)} MB in ${(performance.now() - began).toFixed(0)} ms`)
}

function pause(s: number): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, s * 1_000))
}

async function ask<T>(child: ChildProcess, command: string): Promise<T> {
  child.send(command)
  const [answer] = (await once(child, 'message')) as [T]
  return answer
}
