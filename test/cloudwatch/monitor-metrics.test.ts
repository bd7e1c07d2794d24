import { expect, test } from 'vitest'
import type { MetricName } from '../../lib/cloudwatch/metrics.ts'
import { monitorMetrics } from '../../lib/cloudwatch/monitor-metrics.ts'
import { seedLease } from '../../lib/protocol/bootstrap.ts'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import type { Lease } from '../../lib/protocol/records.ts'

let now = 1_000_000
const lines: Partial<Record<MetricName, number[]>>[] = []
let line: Partial<Record<MetricName, number[]>> = {}
const counted = {
  add(name: MetricName, value: number) {
    line = { ...line, [name]: [...(line[name] ?? []), value] }
  },
  note: () => {},
  flush() {
    lines.push(line)
    line = {}
  },
}

/** A turn that sees a lease with these automatic grants. */
function turn(grants: readonly number[]) {
  const lease = { ...(seedLease('a', 1, { kind: 'baton', name: 'baton' }, 0).set as Lease), grants }
  const decision = { condition: 'ok', commands: [], reasons: [], page: [], verdicts: [] } as const
  return { view: { now, policy: defaultPolicy(2_000), nodes: [], observed: {}, lease }, decision }
}

test('a failover is counted once, by who is active when it is seen, and not again by the next run', () => {
  const metrics = monitorMetrics(counted, 'run-1', () => now)
  const before = now - 500
  metrics.tick(turn([before]), true)
  metrics.tick(turn([before, now + 100]), false)
  metrics.tick(turn([before, now + 100]), true)
  metrics.tick(turn([before, now + 100, now + 200]), true)
  metrics.tick(turn([before, now + 100, now + 200]), true)
  metrics.flush()
  expect(lines.at(-1)).toMatchObject({
    Failovers: [1],
    FlapBudgetLeft: [11, 10, 9, 9],
    Paging: [0, 0, 0, 0],
  })
  const next = monitorMetrics(counted, 'run-2', () => now + 1_000)
  next.tick(turn([before, now + 100, now + 200]), true)
  next.flush()
  expect(lines.at(-1)?.Paging).toEqual([0])
  expect(lines.at(-1)?.Failovers).toBeUndefined()
})

test('turns are written every fifteen seconds, and so are failures when nothing else happens', () => {
  const metrics = monitorMetrics(counted, 'run-3', () => now)
  const written = lines.length
  for (let second = 0; second < 31; second++) {
    metrics.failed()
    now += 1_000
  }
  expect(lines.length - written).toBe(2)
  expect(lines.at(-1)?.TickErrors?.length).toBeGreaterThan(10)
})

test('a clock that is off is measured while it is, and else costs nothing', () => {
  const metrics = monitorMetrics(counted, 'run-4', () => now)
  const seen = turn([])
  metrics.tick(seen, true)
  metrics.flush()
  expect(lines.at(-1)?.ClockSkew).toBeUndefined()
  const offset = { low: -4_000, high: -2_500 }
  const gate = { since: now, samples: 9, offset, past: [offset, offset] }
  metrics.tick({ ...seen, view: { ...seen.view, clocks: { gate } } }, true)
  metrics.flush()
  expect(lines.at(-1)?.ClockSkew).toEqual([2.5])
})
