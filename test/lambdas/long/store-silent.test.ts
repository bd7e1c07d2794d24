import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { synthesize } from '../../cdk/app.ts'
import { alarmsOf, firstAlarm, type Point } from '../../cdk/cloudwatch.ts'
import { CHAIN, type Deployed, deploy } from '../harness/deployed.ts'
import { scheduleEvent } from '../harness/events.ts'
import { type Running, start } from '../harness/invoke.ts'
import { type Relay, startRelay } from '../harness/relay.ts'

const ways = ['hang', 'refuse', 'err'] as const
let deployed: Deployed
/** For each way to be away, a monitor with a way of its own to the store. */
let watching: { readonly way: (typeof ways)[number]; readonly relay: Relay; readonly monitor: Running }[] = []

beforeAll(async () => {
  deployed = await deploy()
  watching = await Promise.all(
    ways.map(async (way) => {
      const relay = await startRelay(deployed.env.AWS_ENDPOINT_URL_DYNAMODB ?? '')
      const monitor = await start('monitor', { ...deployed.env, AWS_ENDPOINT_URL_DYNAMODB: relay.endpoint })
      return { way, relay, monitor }
    }),
  )
}, 240_000)
afterAll(async () => {
  for (const { monitor, relay } of watching) {
    await monitor.kill()
    relay.close()
  }
  await deployed?.stop()
})

/** What was written in the embedded metric format, by when each line says it was measured. */
function pointsOf(lines: readonly Record<string, unknown>[]): Point[] {
  const pages = new Set(alarmsOf(synthesize()).map(({ metric }) => metric))
  return lines.flatMap((line) => {
    const { Timestamp: at } = (line._aws ?? {}) as { Timestamp?: number }
    if (at === undefined || line.chain !== CHAIN) return []
    const names = Object.keys(line).filter((name) => pages.has(name))
    return names.flatMap((metric) => [line[metric]].flat().map((value) => ({ metric, at, value: Number(value) })))
  })
}

test('DynamoDB swallows packets, refuses connections or answers errors for 50 s: each monitor pages within two minutes', async () => {
  const pages = alarmsOf(synthesize()).filter(({ page, id }) => page && id !== 'monitor-not-ticking')
  const runs = watching.map(({ monitor, way }) =>
    monitor.invoke(scheduleEvent, { requestId: `run-${way}`, remainingMs: 20_000 + 62_000 }),
  )
  await sleep(10_000)
  const from = Date.now()
  for (const { way, relay } of watching) relay[way]()
  await Promise.allSettled(runs)
  for (const { way, monitor } of watching) {
    const seen = pointsOf(monitor.lines()).filter(({ at }) => at <= from + 50_000)
    const first = firstAlarm(pages, seen, { from, until: from + 300_000 })
    expect(first?.id, way).toBe('operator-action-required')
    expect(first?.afterMs, way).toBeLessThanOrEqual(120_000)
  }
}, 400_000)
