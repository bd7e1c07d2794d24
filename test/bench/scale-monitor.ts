import { collectMetrics } from '../../lib/cloudwatch/collect.ts'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { chainPorts } from '../../lib/context/chain-ports.ts'
import { type ChainPorts, systemClock } from '../../lib/context/ports.ts'
import type { Log } from '../../lib/log.ts'
import { paceOf, watching } from '../../lib/monitor/pace.ts'
import { runMonitor } from '../../lib/monitor/run.ts'
import { openBackfill } from '../../lib/operations/backfill/open.ts'
import { runMonitors, type WatchedChain } from '../../lib/serve/run-monitors.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import { memoryObjects } from '../../lib/store/memory/stores.ts'

// A monitor of many chains as a process of its own, started by a benchmark with how many and where their
// world is. With the port of its metrics it runs as on a host: `baton monitor` of all chains, with its metrics.
// A turn is timed from the end of one pause to the beginning of the next.

const [count = 0, port = 0, metricsPort = 0] = process.argv.slice(2).map(Number)
const TICK_MS = 1_000

const turns: number[] = []
const reported = { missed: 0, failed: 0, unwell: 0, acts: 0 }
let measuring = false

const log: Log = {
  info: (what) => void (measuring && ['grant', 'fence', 'start', 'page'].includes(what) && reported.acts++),
  warn: () => {},
  error: () => void (measuring && reported.failed++),
}

function timed(ports: ChainPorts): ChainPorts {
  let began = performance.now()
  return {
    ...ports,
    clock: {
      now: systemClock.now,
      monotonic: systemClock.monotonic,
      async sleep(ms, signal) {
        if (measuring) turns.push(performance.now() - began)
        await systemClock.sleep(ms, signal)
        const next = performance.now()
        // The next turn was due a tick after this one began, at the latest.
        if (measuring) reported.missed += Math.max(0, Math.round((next - began) / TICK_MS) - 1)
        began = next
      },
    },
  }
}

const endpoint = `http://127.0.0.1:${port}`
/** As it collects for CloudWatch; nothing is sent. */
const collector = collectMetrics(async () => {}, systemClock, log)
const pace = paceOf(count)
const asking = watching(count)
const stores = dynamoStores(dynamoClient({ endpoint, ...asking }), undefined, asking)
const open = { stores, objects: memoryObjects() }
const ended = new AbortController()
const chains: WatchedChain[] = []
const unwellUnlessOk = (condition: unknown) => void (measuring && condition !== 'ok' && reported.unwell++)
for (let chain = 1; chain <= count; chain++) {
  const nodes = [0, 1, 2].map((node) => {
    const host = `127.${10 + Math.floor(chain / 250)}.${chain % 250}.${10 * node}`
    const near = (client: number) =>
      `http://${host.replace(/\d+$/, String(10 * node + client + 1))}:${port}/${chain}/${node}`
    return {
      name: `node${node}`,
      zone: `z${node}`,
      priority: 10 - node,
      consensus: near(0),
      execution: near(1),
      secrets: [`secret-${chain}-${node}`],
    }
  })
  const config = parseConfig(JSON.stringify({ chain: { id: chain, name: `chain ${chain}`, blockTime: 2 }, nodes }))
  const ports = timed(chainPorts(config, open, log))
  if (metricsPort > 0) {
    const opened = await openBackfill(config, ports, { env: {} })
    const cloudwatch = {
      ...collector.of('bench', String(chain)),
      note: (facts: object) => unwellUnlessOk(conditionOf(facts)),
    }
    chains.push({ ports: opened, recovery: 'ask', cloudwatch })
    continue
  }
  const onTick = ({ decision }: { decision: { condition: string } }) => unwellUnlessOk(decision.condition)
  const options = { ...pace(chain - 1), owner: 'bench', tickMs: TICK_MS, signal: ended.signal, onTick }
  void runMonitor(ports, options)
}
if (metricsPort > 0)
  void runMonitors(chains, { owner: 'bench', signal: ended.signal, address: { host: '127.0.0.1', port: metricsPort } })

function conditionOf({ condition }: { readonly condition?: unknown }): unknown {
  return condition
}

let cpu = process.cpuUsage()
let from = 0
process.on('message', (command) => {
  if (command === 'begin') {
    measuring = true
    cpu = process.cpuUsage()
    from = performance.now()
    return
  }
  measuring = false
  const { user, system } = process.cpuUsage(cpu)
  const { rss, heapUsed } = process.memoryUsage()
  process.send?.({
    turns,
    ...reported,
    cpuMs: (user + system) / 1_000,
    wallMs: performance.now() - from,
    rss,
    heapUsed,
  })
})
process.on('disconnect', () => process.exit())
