import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { synthesize } from '../../cdk/app.ts'
import { type Alarm, alarmsOf, firstAlarm, type Point } from '../../cdk/cloudwatch.ts'
import { CHAIN, type Deployed, deploy } from '../harness/deployed.ts'
import { scheduleEvent } from '../harness/events.ts'
import { type Running, start } from '../harness/invoke.ts'
import { type Outage, type Relay, startRelay } from '../harness/relay.ts'

/** How the store is away, and the words that the log has for it. */
const outages: Readonly<Record<Outage, RegExp>> = {
  silent: /no answer within|time.?out/i,
  refused: /ECONNREFUSED/,
  reset: /ECONNRESET|socket hang up/,
  denied: /AccessDenied/,
  'writes-denied': /AccessDenied/,
  throttled: /ProvisionedThroughputExceeded/,
  errors: /InternalServerError/,
}
const kinds = Object.keys(outages) as Outage[]
const WELL_MS = 12_000
const AWAY_MS = 50_000

/** A monitor with a way of its own to the store; all outages happen at the same time. */
type Cut = { readonly monitor: Running; readonly relay: Relay }

let deployed: Deployed
const cut = new Map<Outage, Cut>()
/** Monitors that ended with an error. */
const died = new Map<Outage, Error>()
let from: number
let pages: Alarm[]

beforeAll(async () => {
  // An alarm on silence is tried elsewhere: here a monitor that runs must say what it cannot do.
  pages = alarmsOf(synthesize()).filter(({ page, id }) => page && id !== 'monitor-not-ticking')
  deployed = await deploy({ blockTimeMs: 2_000 })
  for (const kind of kinds) {
    const relay = await startRelay(deployed.env.AWS_ENDPOINT_URL_DYNAMODB ?? '')
    cut.set(kind, {
      relay,
      monitor: await start('monitor', {
        ...deployed.env,
        AWS_ENDPOINT_URL_DYNAMODB: relay.endpoint,
        BATON_CONFIGURATIONS: deployed.configurations,
      }),
    })
  }
  const remainingMs = 20_000 + WELL_MS + AWAY_MS
  // Under one name each is the active one, and none hands over to another.
  const runs = [...cut].map(([kind, { monitor }]) =>
    monitor.invoke(scheduleEvent, { requestId: 'run', remainingMs }).catch((error: Error) => died.set(kind, error)),
  )
  await sleep(WELL_MS)
  from = Date.now()
  for (const [kind, { relay }] of cut) relay.fail(kind)
  await Promise.all(runs)
}, 400_000)
afterAll(async () => {
  for (const { monitor, relay } of cut.values()) {
    await monitor.kill()
    relay.close()
  }
  await deployed?.stop()
})

/** What was written in the embedded metric format, by when each line says it was measured. */
function pointsOf(lines: readonly Record<string, unknown>[]): Point[] {
  const known = new Set(pages.map(({ metric }) => metric))
  return lines.flatMap((line) => {
    const { Timestamp: at } = (line._aws ?? {}) as { Timestamp?: number }
    if (at === undefined || line.chain !== CHAIN) return []
    const names = Object.keys(line).filter((name) => known.has(name))
    return names.flatMap((metric) => [line[metric]].flat().map((value) => ({ metric, at, value: Number(value) })))
  })
}

test.each(kinds)('DynamoDB away (%s) for 50 s: what the bundled monitor emits pages within three minutes', (kind) => {
  const lines = cut.get(kind)?.monitor.lines() ?? []
  expect(died.get(kind)?.message.slice(-3_000)).toBeUndefined()
  const points = pointsOf(lines)
  const before = firstAlarm(
    pages,
    points.filter(({ at }) => at < from),
    { from: from - WELL_MS, until: from },
  )
  expect(before).toBeUndefined()
  const seen = points.filter(({ at }) => at <= from + AWAY_MS)
  const first = firstAlarm(pages, seen, { from, until: from + 300_000 })
  expect(first?.id).toBe('operator-action-required')
  expect(first?.afterMs).toBeLessThanOrEqual(180_000)
  const failures = lines.filter(({ level, message }) => level === 'ERROR' && String(message).startsWith('turn failed'))
  expect(failures.length).toBeGreaterThan(20)
  // A throttled call is retried after up to half a second, and so often ends as one without an answer in time.
  expect(failures.some(({ error }) => outages[kind].test(JSON.stringify(error)))).toBe(true)
})
