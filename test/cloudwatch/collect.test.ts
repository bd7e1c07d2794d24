import { afterEach, expect, test } from 'vitest'
import { collectMetrics } from '../../lib/cloudwatch/collect.ts'
import type { ChainMetrics } from '../../lib/cloudwatch/metrics.ts'
import { type Datum, type PutData, putMetricData } from '../../lib/cloudwatch/put-metric-data.ts'
import { silentLog } from '../../lib/log.ts'
import { Scheduler } from '../simulation/scheduler.ts'
import { startCloudWatch } from './fake-cloudwatch.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const MINUTE = 60_000

/** A collector on virtual time, whose clock begins within a minute. */
function collecting(put: (data: readonly Datum[], at: number) => Promise<void> = async () => {}) {
  const scheduler = new Scheduler()
  const now = () => scheduler.now()
  const sleep = (ms: number) => new Promise<void>((resolve) => void scheduler.after(ms, resolve))
  const calls: { readonly at: number; readonly data: readonly Datum[] }[] = []
  const warned: string[] = []
  const said: string[] = []
  const log = {
    ...silentLog,
    warn: (message: string) => void warned.push(message),
    info: (message: string) => void said.push(message),
  }
  const recording: PutData = async (data) => {
    await put(data, now())
    calls.push({ at: now(), data })
  }
  const collector = collectMetrics(recording, { now, monotonic: now, sleep }, log)
  const run = (ms: number) => scheduler.run(now() + ms)
  /** A turn each second. */
  const turns = async (metrics: ChainMetrics, seconds: number, condition = 'ok', paging = 0) => {
    for (let n = 0; n < seconds; n++) {
      metrics.add('Paging', paging)
      metrics.add('SecondsSinceCommit', n % 3)
      metrics.note({ condition })
      metrics.flush()
      await run(1_000)
    }
  }
  return { collector, calls, warned, said, run, turns, now }
}

const whole = (data: readonly Datum[]) => data.filter(({ metric }) => metric === 'Paging')

test('one call a minute for all chains, with each minute as it was', async () => {
  const { collector, calls, run, turns, now } = collecting()
  const [one, two] = [collector.of('prod', '901'), collector.of('prod', '902')]
  await turns(one, 20)
  await run(2 * MINUTE - (now() % MINUTE))
  calls.length = 0
  const minute = now()
  for (let n = 0; n < 40; n++) await Promise.all([turns(one, 1), turns(two, 1)])
  two.add('SecondsSinceCommit', 9)
  await run(MINUTE)
  expect(calls).toHaveLength(1)
  const [{ at, data } = { at: 0, data: [] }] = calls
  expect(at - minute - MINUTE).toBeLessThanOrEqual(2_000)
  expect(whole(data)).toEqual([
    { baton: 'prod', chain: '901', metric: 'Paging', minute, count: 40, sum: 0, min: 0, max: 0 },
    { baton: 'prod', chain: '902', metric: 'Paging', minute, count: 40, sum: 0, min: 0, max: 0 },
  ])
  const slow = data.find(({ chain, metric }) => chain === '902' && metric === 'SecondsSinceCommit')
  expect(slow).toMatchObject({ count: 41, sum: 9, min: 0, max: 9 })
})

test('a monitor that begins is known within 15 s, and so is a chain that is not well', async () => {
  const { collector, calls, turns, run, now } = collecting()
  const metrics = collector.of('prod', '901')
  await turns(metrics, 17)
  expect(calls).toHaveLength(1)
  await run(2 * MINUTE - (now() % MINUTE))
  const before = calls.length
  await turns(metrics, 17)
  expect(calls).toHaveLength(before)
  await turns(metrics, 3, 'halted')
  expect(calls).toHaveLength(before + 1)
})

test('what is not taken is written with what follows, and reported once', async () => {
  let away = true
  const { collector, calls, warned, said, turns, run } = collecting(async () => {
    if (away) throw new Error('no answer')
  })
  const metrics = collector.of('prod', '901')
  await turns(metrics, 150)
  expect(calls).toEqual([])
  expect(warned).toHaveLength(1)
  away = false
  await run(2 * MINUTE)
  const samples = calls.flatMap(({ data }) => whole(data)).reduce((sum, { count }) => sum + count, 0)
  expect(samples).toBe(150)
  expect(said).toEqual(['metrics are written to CloudWatch again'])
})

test('what CloudWatch does not take for long is forgotten: memory is bounded', async () => {
  let away = true
  const { collector, calls, turns, run } = collecting(async () => {
    if (away) throw new Error('no answer')
  })
  await turns(collector.of('prod', '901'), 20 * 60)
  away = false
  await run(MINUTE)
  const samples = calls.flatMap(({ data }) => whole(data)).reduce((sum, { count }) => sum + count, 0)
  expect(samples).toBeLessThan(13 * 60)
  expect(samples).toBeGreaterThanOrEqual(9 * 60)
})

test('what is left is written at the end', async () => {
  const { collector, calls, turns, run } = collecting()
  await turns(collector.of('prod', '901'), 3)
  const closed = collector.close()
  await run(1_000)
  await closed
  expect(whole(calls.flatMap(({ data }) => data))).toMatchObject([{ count: 3 }])
})

const datum: Datum = {
  ...{ baton: 'prod', chain: '901', metric: 'SecondsSinceCommit', minute: 1_800_000_000_000 },
  ...{ count: 60, sum: 63.5, min: 0.1, max: 2.25 },
}
const keys = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }

test('CloudWatch gets the form of its Query API, signed for it; more than a thousand metrics in two calls', async () => {
  const cloudwatch = await startCloudWatch()
  closing.push(cloudwatch.close)
  const put = putMetricData({}, { ...keys, AWS_ENDPOINT_URL_CLOUDWATCH: cloudwatch.endpoint })
  await put([datum])
  expect(cloudwatch.scopes).toEqual(['eu-west-1/monitoring/aws4_request'])
  expect(cloudwatch.calls[0]).toEqual([
    {
      ...{ MetricName: 'SecondsSinceCommit', Unit: 'Seconds', Timestamp: '2027-01-15T08:00:00.000Z' },
      ...{ 'Dimensions.member.1.Name': 'baton', 'Dimensions.member.1.Value': 'prod' },
      ...{ 'Dimensions.member.2.Name': 'chain', 'Dimensions.member.2.Value': '901' },
      ...{ 'StatisticValues.SampleCount': '60', 'StatisticValues.Sum': '63.5' },
      ...{ 'StatisticValues.Minimum': '0.1', 'StatisticValues.Maximum': '2.25' },
    },
  ])
  await put(Array.from({ length: 1_500 }, (_, i) => ({ ...datum, chain: String(i) })))
  expect(cloudwatch.calls.slice(1).map((call) => call.length)).toEqual([1_000, 500])
  cloudwatch.refusing = { status: 403, code: 'AccessDenied' }
  await expect(put([datum])).rejects.toMatchObject({ name: 'AccessDenied', message: 'no right', status: 403 })
})
