import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { synthesize } from '../../cdk/app.ts'
import { alarmsOf, firstAlarm, type Point } from '../../cdk/cloudwatch.ts'
import { CHAIN, type Deployed, deploy } from '../harness/deployed.ts'
import { scheduleEvent } from '../harness/events.ts'
import { type Running, start } from '../harness/invoke.ts'
import { type Relay, startRelay } from '../harness/relay.ts'

let deployed: Deployed
let relay: Relay
let monitor: Running

beforeAll(async () => {
  deployed = await deploy()
  relay = await startRelay(deployed.env.AWS_ENDPOINT_URL_DYNAMODB ?? '')
  monitor = await start('monitor', { ...deployed.env, AWS_ENDPOINT_URL_DYNAMODB: relay.endpoint })
}, 120_000)
afterAll(async () => {
  await monitor?.kill()
  relay?.close()
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

test('the store swallows packets for 50 s: the bundled monitor sets off a page within three minutes', async () => {
  const run = monitor.invoke(scheduleEvent, { requestId: 'run-1', remainingMs: 20_000 + 62_000 })
  await sleep(10_000)
  relay.hang()
  const from = Date.now()
  await run.catch(() => {})
  const pages = alarmsOf(synthesize()).filter(({ page }) => page)
  const seen = pointsOf(monitor.lines()).filter(({ at }) => at <= from + 50_000)
  const first = firstAlarm(
    pages.filter(({ id }) => id !== 'monitor-not-ticking'),
    seen,
    { from, until: from + 300_000 },
  )
  expect(first?.id).toBe('operator-action-required')
  expect(first?.afterMs).toBeLessThanOrEqual(120_000)
}, 400_000)
