import { Match } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { collectMetrics } from '../../lib/cloudwatch/collect.ts'
import type { PutData } from '../../lib/cloudwatch/put-metric-data.ts'
import { silentLog } from '../../lib/log.ts'
import { runMonitors } from '../../lib/serve/run-monitors.ts'
import { StoreUnavailableError } from '../../lib/store/errors.ts'
import { virtualFleet } from '../monitor/virtual-fleet.ts'
import { configure, resourcesOf, sample, synthesize } from './app.ts'
import { alarmsOf, evaluate, firstAlarm, type Point } from './cloudwatch.ts'
import { plain } from './resolve.ts'

const config = configure({ gate: { access: 'sidecar' }, monitor: 'hosts' })
const template = synthesize(config)
const alarms = alarmsOf(template)
const pages = alarms.filter(({ page }) => page)
const MINUTE = 60_000
const CHAIN = '901'

/** A fleet on virtual time whose monitors run as on hosts, and what CloudWatch has of them. */
async function hosts() {
  const fleet = virtualFleet()
  await fleet.begin()
  const points: Point[] = []
  const state = { storeGone: false, cloudwatchGone: false, delayMs: 2_000 }
  const put: PutData = async (data) => {
    if (state.cloudwatchGone) throw new Error('no answer')
    const arrives = fleet.now() + state.delayMs
    for (const { baton, chain, metric, minute: at, count, sum, min, max } of data) {
      expect([baton, chain]).toEqual(['prod', CHAIN])
      const others = count > 2 ? (sum - min - max) / (count - 2) : 0
      const values = count === 1 ? [sum] : [min, max, ...Array.from({ length: count - 2 }, () => others)]
      points.push(...values.map((value) => ({ metric, at, arrives, value })))
    }
  }
  const unless = <T extends object>(store: T, lost: () => boolean): T =>
    new Proxy(store, {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name)
        if (typeof found !== 'function') return found
        return async (...words: unknown[]) => {
          if (state.storeGone || lost()) throw new StoreUnavailableError('read', String(name), new Error('no answer'))
          return await found.apply(target, words)
        }
      },
    })
  const { heads, leases, history, monitorLease } = fleet.ports
  /** Starts a monitor; returns how to end it at once, as if its host were lost. */
  const start = async (owner: string) => {
    const abort = new AbortController()
    let lost = false
    const collector = collectMetrics(async (data) => (lost ? undefined : await put(data)), fleet.ports.clock, silentLog)
    const began = Promise.withResolvers<void>()
    const log = { ...silentLog, info: (message: string) => void (message === 'monitor runs' && began.resolve()) }
    const reach = <T extends object>(store: T) => unless(store, () => lost)
    const stores = { heads: reach(heads), leases: reach(leases), history: reach(history) }
    const ports = { ...fleet.ports, ...stores, monitorLease: reach(monitorLease), log }
    const watched = { ports: ports as never, recovery: 'ask' as const, cloudwatch: collector.of('prod', CHAIN) }
    const address = { host: '127.0.0.1', port: 0 }
    void runMonitors([watched], { owner, signal: abort.signal, address })
    await began.promise
    return {
      lose() {
        lost = true
        abort.abort()
      },
    }
  }
  const from = fleet.now()
  /** The first page since a moment. */
  const paged = (since: number) => firstAlarm(pages, points, { from: since, until: fleet.now() })
  return { fleet, state, points, start, paged, from }
}

describe('who is paged by a monitor on hosts', () => {
  test('no page while all is well, nor when metrics come 50 s late', async () => {
    for (const delayMs of [2_000, 50_000]) {
      const { fleet, state, points, start, paged, from } = await hosts()
      state.delayMs = delayMs
      await start('a')
      await start('b')
      await fleet.run(10 * MINUTE)
      expect(points.length).toBeGreaterThan(500)
      expect(paged(from + 4 * MINUTE)).toBeUndefined()
      fleet.halt()
    }
  })

  test.each([0, 31, 58])('no page when the host of the active one is lost %d s into a minute', async (second) => {
    const { fleet, start, paged, from } = await hosts()
    const active = await start('a')
    await fleet.run(1_000)
    await start('b')
    await fleet.run(5 * MINUTE - (fleet.now() % MINUTE) + second * 1_000)
    active.lose()
    await fleet.run(5 * MINUTE)
    expect(paged(from + 4 * MINUTE)).toBeUndefined()
    fleet.halt()
  })

  test.each([0, 20, 58])('on-call within three minutes when both are lost %d s into a minute', async (second) => {
    const { fleet, start, paged } = await hosts()
    const both = [await start('a'), await start('b')]
    await fleet.run(5 * MINUTE - (fleet.now() % MINUTE) + second * 1_000)
    const lostAt = fleet.now()
    for (const monitor of both) monitor.lose()
    await fleet.run(6 * MINUTE)
    expect(paged(lostAt)?.id).toBe('monitor-not-ticking')
    expect(paged(lostAt)?.afterMs).toBeLessThanOrEqual(3 * MINUTE)
    fleet.halt()
  })

  test('on-call within two minutes when the store does not answer, and by what failed', async () => {
    const { fleet, state, start, paged } = await hosts()
    await start('a')
    await start('b')
    await fleet.run(5 * MINUTE + 20_000)
    state.storeGone = true
    const goneAt = fleet.now()
    await fleet.run(5 * MINUTE)
    expect(paged(goneAt)?.id).toBe('operator-action-required')
    expect(paged(goneAt)?.afterMs).toBeLessThanOrEqual(2 * MINUTE)
    fleet.halt()
  })

  test('no page when CloudWatch does not answer for 40 s; by silence when it stays away', async () => {
    const { fleet, state, start, paged, from } = await hosts()
    await start('a')
    await fleet.run(5 * MINUTE - (fleet.now() % MINUTE) - 5_000)
    state.cloudwatchGone = true
    await fleet.run(40_000)
    state.cloudwatchGone = false
    await fleet.run(5 * MINUTE)
    expect(paged(from + 4 * MINUTE)).toBeUndefined()
    state.cloudwatchGone = true
    const goneAt = fleet.now()
    await fleet.run(5 * MINUTE)
    expect(paged(goneAt)?.id).toBe('monitor-not-ticking')
    fleet.halt()
  })

  test('on-call when no node is left, and a note of the failover before', async () => {
    const { fleet, start, paged, points } = await hosts()
    await start('a')
    await fleet.run(5 * MINUTE)
    fleet.kill('ada')
    await fleet.run(2 * MINUTE)
    const failover = alarms.find(({ id }) => id === 'failover-happened')
    const states = [0, 1, 2].map((minutes) => failover && evaluate(failover, points, fleet.now() - minutes * MINUTE))
    expect(states).toContain('ALARM')
    const goneAt = fleet.now()
    for (const name of ['bob', 'cyd']) fleet.kill(name)
    await fleet.run(5 * MINUTE)
    expect(paged(goneAt)?.afterMs).toBeLessThanOrEqual(2 * MINUTE)
    fleet.halt()
  })
})

/** What the policy of a host allows. */
function statementsOf(of: ReturnType<typeof synthesize>): Record<string, unknown>[] {
  const policies = resourcesOf(of, 'AWS::IAM::ManagedPolicy').filter(([id]) => id.includes('HostMonitor'))
  return policies.flatMap(
    ([, { Properties }]) => (Properties.PolicyDocument as { Statement: Record<string, unknown>[] }).Statement,
  )
}

describe('the template with the monitor on hosts', () => {
  const byId = (of: ReturnType<typeof synthesize>) =>
    new Map(
      resourcesOf(of, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => {
        const text = String(plain(Properties.AlarmDescription))
        return [/#([\w-]+)$/.exec(text)?.[1] ?? '', text] as const
      }),
    )

  test('there is no monitor function, no schedule, and no alarm that only these could set off', () => {
    const functions = resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.Description)
    expect(functions.filter((text) => /monitor/i.test(String(text)))).toEqual([])
    expect(resourcesOf(template, 'AWS::Scheduler::Schedule')).toEqual([])
    expect(resourcesOf(template, 'AWS::CloudFormation::CustomResource')).toEqual([])
    const beside = byId(synthesize(configure({ gate: { access: 'sidecar' } })))
    const gone = [...beside.keys()].filter((id) => !byId(template).has(id))
    expect(gone.toSorted()).toEqual(['monitor-dead-letters', 'monitor-fails'])
  })

  test('no alarm sends on-call to a function that is not there', () => {
    const texts = [...byId(template)].filter(([, text]) => /monitor function|dead letters of the monitor/.test(text))
    expect(texts.map(([id]) => id)).toEqual([])
    expect(byId(template).get('monitor-not-ticking')).toContain('baton-monitor')
  })

  test('its chains name the deployment whose alarms watch their monitors', () => {
    const values = resourcesOf(template, 'AWS::SSM::Parameter').map(([, { Properties }]) => Properties.Value)
    const chains = values.flatMap((value) => (typeof value === 'string' ? [JSON.parse(value)] : []))
    expect(chains).toMatchObject([{ chain: { id: 901 }, cloudwatch: { baton: 'prod' } }])
  })

  test('a host may do what the monitor does, with this chain, and write metrics of Baton', () => {
    const rights = statementsOf(template).map(({ Action, Resource, Condition }) => ({
      actions: [Action].flat().toSorted(),
      resources: [plain(Resource)].flat(),
      condition: plain(Condition),
    }))
    expect(rights).toMatchSnapshot()
    expect(rights.filter(({ resources }) => resources.includes('*')).map(({ actions }) => actions)).toEqual([
      ['cloudwatch:PutMetricData'],
    ])
  })

  test('the policy of ten chains fits a managed policy', () => {
    const [like] = sample().chains as [{ chain: object }]
    const chains = Array.from({ length: 10 }, (_, i) => ({ ...like, chain: { ...like.chain, id: 4_000_000_901 + i } }))
    const many = synthesize(configure({ gate: { access: 'sidecar' }, monitor: 'hosts', chains }))
    const text = JSON.stringify({ Version: '2012-10-17', Statement: plain(statementsOf(many)) })
    expect(text.replaceAll(/<[^>]+>/g, 'x'.repeat(50)).length).toBeLessThan(6_144)
  })

  test('it is refused beside a gate in Lambda, and with memory for a function', () => {
    expect(() => configure({ monitor: 'hosts' })).toThrow('monitor: is "hosts" beside a gate in Lambda')
    const wrong = { gate: { access: 'sidecar' }, monitor: 'hosts', monitorMemory: 512 }
    expect(() => configure(wrong)).toThrow('monitorMemory: is for a monitor in Lambda')
  })

  test('a sidecar whose monitor runs in Lambda has the policy too: hosts begin before the function goes', () => {
    synthesize(configure({ gate: { access: 'sidecar' } })).hasOutput('MonitorPolicy', Match.anyValue())
    template.hasOutput('MonitorPolicy', Match.anyValue())
  })
})
