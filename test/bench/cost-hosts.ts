import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { collectMetrics } from '../../lib/cloudwatch/collect.ts'
import type { Datum } from '../../lib/cloudwatch/put-metric-data.ts'
import { chainPorts } from '../../lib/context/chain-ports.ts'
import { systemClock } from '../../lib/context/ports.ts'
import { freePortOr } from '../../lib/free-port.ts'
import { silentLog } from '../../lib/log.ts'
import { openBackfill } from '../../lib/operations/backfill/open.ts'
import { startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { createLocalTables, openStores } from '../../lib/serve/open-stores.ts'
import { runGate } from '../../lib/serve/run-gate.ts'
import { runMonitors } from '../../lib/serve/run-monitors.ts'
import { startSimulatedChain } from '../../lib/simulator/chain/chain.ts'
import { simulatedConfig, simulatedNodes, simulatedSecrets } from '../../lib/simulator/start-simulated.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import { memoryObjects } from '../../lib/store/memory/stores.ts'
import { Meter, type Metered } from '../aws/meter.ts'

/** What the monitors on two hosts asked while nothing went wrong, for one chain: one acts, the other stands by. */
export type HostUsage = {
  readonly seconds: number
  readonly requests: ReadonlyMap<string, Metered>
  /** Calls to CloudWatch, and the different metrics in them. */
  readonly cloudwatchCalls: number
  readonly metrics: number
}

const tables = { heads: 'BatonStoreHeads', leases: 'BatonStoreLeases', history: 'BatonStoreHistory' }
/** A monitor that begins writes its metrics sooner. */
const SETTLED_MS = 60_000

/**
 * Runs the monitors of two hosts beside a chain of simulated nodes and a real gate, and counts what they ask of the
 * DynamoDB API and of CloudWatch. What a monitor asks follows from blocks and time, not from who makes the blocks.
 */
export async function measureHosts(blockTime: 1 | 2, minutes: number): Promise<HostUsage> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-cost-'))
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  try {
    const { endpoint, stop } = await startEmbeddedDatabase()
    closing.push(stop)
    const store = { endpoint, tables, objects: { kind: 'folder' as const, path: folder } }
    await createLocalTables(store)
    const open = openStores(store)
    closing.push(open.close)
    const secrets = simulatedSecrets()
    const gatePort = await freePortOr(0)
    const conductorUrl = (node: string) =>
      `http://${node}:${secrets[node]}@127.0.0.1:${gatePort}/v1/chains/901/nodes/${node}`
    const chain = await startSimulatedChain({ conductorUrl, blockTimeMs: blockTime * 1_000, nodes: simulatedNodes })
    closing.push(() => chain.stop())
    const config = { ...simulatedConfig(chain, secrets, gatePort), store }
    closing.push((await runGate(config, open, silentLog)).close)

    const meter = new Meter()
    const calls: (readonly Datum[])[] = []
    const collector = () => collectMetrics(async (data) => void calls.push(data), systemClock, silentLog)
    const ended = new AbortController()
    const running = ['active', 'standby'].map(async (owner) => {
      const client = dynamoClient({ endpoint })
      count(client, meter)
      const stores = dynamoStores(client, tables)
      const ports = await openBackfill(config, chainPorts(config, { stores, objects: memoryObjects() }, silentLog), {
        env: {},
      })
      const metrics = collector()
      const watched = { ports, recovery: 'ask' as const, cloudwatch: metrics.of('prod', '901') }
      await runMonitors([watched], { owner, signal: ended.signal, address: { host: '127.0.0.1', port: 0 } })
      await metrics.close()
      client.destroy()
    })
    closing.push(async () => {
      ended.abort()
      await Promise.all(running)
    })
    await sleep(SETTLED_MS + 60_000 - (Date.now() % 60_000))
    meter.reset()
    calls.length = 0
    const began = Date.now()
    await sleep(minutes * 60_000)
    return {
      seconds: (Date.now() - began) / 1_000,
      requests: new Map(meter.counts),
      cloudwatchCalls: calls.length,
      metrics: new Set(calls.flat().map(({ metric }) => metric)).size,
    }
  } finally {
    for (const close of closing.toReversed()) await close()
  }
}

/** Bytes are sent in base64. */
const asSent = (_: string, value: unknown) =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value

/** Counts each request of a client. */
function count(client: DynamoDBClient, meter: Meter): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const target = `DynamoDB_20120810.${commandName.replace(/Command$/, '')}`
        meter.note('POST', '/', { 'x-amz-target': target }, Buffer.from(JSON.stringify(args.input, asSent)))
        return await next(args)
      },
    { step: 'initialize', name: 'count' },
  )
}
