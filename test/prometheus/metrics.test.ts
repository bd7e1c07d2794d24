import { expect, test } from 'vitest'
import { catalog, type Definition } from '../../lib/prometheus/catalog.ts'
import { gaugesOf } from '../../lib/prometheus/gauges.ts'
import { findingOf } from '../../lib/prometheus/health.ts'
import { openMetrics } from '../../lib/prometheus/registry.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { View } from '../../lib/protocol/decision.ts'
import { T, view } from '../protocol/scene.ts'
import { usedGate, watchedFleet } from './exposed.ts'
import { type Family, parseExposition } from './parse-exposition.ts'

/** The samples of a metric as `label,label: value`, without the chain. */
function samplesOf(families: readonly Family[], name: string): Record<string, number> {
  const family = families.find((each) => name === each.name || name.startsWith(`${each.name}_`))
  const samples = family?.samples.filter((sample) => sample.name === name) ?? []
  return Object.fromEntries(
    samples.map(({ labels: { chain, ...labels }, value }) => {
      expect(chain).toBe('901')
      return [Object.values(labels).join(), value]
    }),
  )
}

test('a gate counts and times each commit, and says what the format asks for', async () => {
  const families = parseExposition(await usedGate())
  expect(samplesOf(families, 'baton_commits_total')).toEqual({
    ...{ 'a,committed': 1, 'a,repeated': 1, 'a,conflict': 1, 'b,not-leader': 1 },
  })
  const timed = samplesOf(families, 'baton_commit_duration_seconds_count')
  expect(timed).toMatchObject({ 'a,parse': 3, 'a,pack': 3, 'a,spill': 3, 'a,write': 3, 'a,total': 3, 'b,total': 1 })
  expect(samplesOf(families, 'baton_commit_duration_seconds_sum')['a,total']).toBeGreaterThan(0)
  expect(samplesOf(families, 'baton_commit_bytes_total').a).toBeGreaterThan(500)
  const main = 'main,conductor_commitUnsafePayload'
  expect(samplesOf(families, 'op_conductor_rpc_server_requests_total')).toMatchObject({ [main]: 4, 'main,other': 1 })
  expect(samplesOf(families, 'op_conductor_rpc_server_responses_total')).toMatchObject({
    [`${main},`]: 2,
    [`${main},conflict`]: 1,
    [`${main},not-leader`]: 1,
  })
  expect(samplesOf(families, 'op_conductor_rpc_server_request_duration_seconds_count')).toEqual({ [main]: 4 })
  expect(samplesOf(families, 'op_conductor_up')).toEqual({ '': 1 })
})

test('a monitor shows the chain, each node, and a failover as op-conductor and Baton name it', async () => {
  const { fleet, scrape } = await watchedFleet()
  await fleet.run(30_000)
  const before = parseExposition(await scrape())
  expect(samplesOf(before, 'baton_condition')).toMatchObject({ ok: 1, moving: 0, halted: 0 })
  expect(samplesOf(before, 'baton_node_leader')).toEqual({ ada: 1, bob: 0, cyd: 0 })
  expect(samplesOf(before, 'baton_node_role')).toMatchObject({ 'ada,leading': 1, 'bob,standby': 1, 'bob,leading': 0 })
  expect(samplesOf(before, 'baton_node_lag_blocks').bob).toBeLessThanOrEqual(1)
  expect(samplesOf(before, 'baton_eligible_standbys')).toEqual({ '': 2 })
  expect(samplesOf(before, 'baton_since_commit_seconds')['']).toBeLessThan(1.2)
  expect(samplesOf(before, 'baton_slots_missed_total')).toEqual({ '': 0 })
  expect(samplesOf(before, 'baton_block_gap_seconds_count')['']).toBeGreaterThan(15)
  expect(samplesOf(before, 'op_conductor_leader_transfers_count')).toEqual({ true: 0, false: 0 })
  expect(samplesOf(before, 'op_conductor_healthchecks_count')['bob,true,']).toBeGreaterThan(15)
  expect(samplesOf(before, 'op_conductor_sequencer_starts_count')).toMatchObject({ 'ada,true': 1, 'bob,true': 0 })

  fleet.kill('ada')
  await fleet.run(15_000)
  const after = parseExposition(await scrape())
  expect(samplesOf(after, 'baton_node_leader')).toEqual({ ada: 0, bob: 1, cyd: 0 })
  expect(samplesOf(after, 'baton_node_role')).toMatchObject({ 'ada,down': 1, 'bob,leading': 1 })
  expect(samplesOf(after, 'baton_node_lag_blocks')).not.toHaveProperty('ada')
  expect(samplesOf(after, 'baton_node_reason')).toMatchObject({ 'ada,consensus-refused': 1 })
  expect(samplesOf(after, 'op_conductor_leader_transfers_count')).toEqual({ true: 1, false: 0 })
  expect(samplesOf(after, 'op_conductor_sequencer_starts_count')).toMatchObject({ 'ada,true': 1, 'bob,true': 1 })
  const down = 'cannot connect to sequencer rpc endpoints'
  expect(samplesOf(after, 'op_conductor_healthchecks_count')[`ada,false,${down}`]).toBeGreaterThan(5)
  expect(samplesOf(after, 'op_conductor_state_changes_count')).toMatchObject({
    'ada,false,false,false': 1,
    'bob,true,true,true': 1,
  })
  expect(samplesOf(after, 'baton_term')['']).toBe((samplesOf(before, 'baton_term')[''] ?? 0) + 1)
  expect(samplesOf(after, 'baton_history_records_total')).toMatchObject({ 'grant,baton': 2 })
  expect(samplesOf(after, 'baton_moves_total')).toMatchObject({ 'consensus-refused': 1 })
  fleet.halt()
})

test('the gap of a failover is in the histogram, with the slots it cost', async () => {
  const { fleet, scrape } = await watchedFleet()
  await fleet.run(20_000)
  fleet.node('ada').host.freeze()
  await fleet.run(20_000)
  const head = await fleet.ports.heads.read('901')
  expect(head?.leader).toBe('bob')
  const families = parseExposition(await scrape())
  const buckets = samplesOf(families, 'baton_block_gap_seconds_bucket')
  const above = (le: string) => (buckets['+Inf'] ?? 0) - (buckets[le] ?? 0)
  expect(above('2')).toBe(1)
  expect(samplesOf(families, 'baton_slots_missed_total')['']).toBeGreaterThanOrEqual(1)
  fleet.halt()
})

test('while turns fail nothing is claimed of the chain', async () => {
  const { fleet, scrape } = await watchedFleet()
  await fleet.run(10_000)
  const failing = () => Promise.reject(new Error('gone'))
  Object.assign(fleet.ports.leases, { read: failing })
  await fleet.run(5_000)
  const families = parseExposition(await scrape())
  expect(samplesOf(families, 'baton_condition')).toEqual({})
  expect(samplesOf(families, 'baton_head_block')).toEqual({})
  expect(samplesOf(families, 'baton_turns_total').failed).toBeGreaterThan(3)
  fleet.halt()
})

test('builders and streams, by what is configured of them', () => {
  const boost = { health: 'partial', since: T, samples: 3, tolerated: { interval: 0, count: 0 } } as const
  const seen: View = {
    ...view(),
    builders: {
      a: { boost, stream: { open: true, since: T, heardAt: T + 100 }, streams: true },
      b: { stream: { open: false, since: T }, streams: true },
      c: { streams: false },
    },
  }
  const decision = decide(seen)
  const reported = gaugesOf({ view: seen, decision }, T + 500).filter(({ name }) => /boost|flashblocks/.test(name))
  expect(reported.map(({ name, labels, value }) => [name, Object.values(labels).join(), value])).toEqual([
    ['baton_boost_health', 'a,healthy', 0],
    ['baton_boost_health', 'a,partial', 1],
    ['baton_boost_health', 'a,unhealthy', 0],
    ['baton_boost_health', 'a,down', 0],
    ['baton_flashblocks_open', 'a', 1],
    ['baton_flashblocks_age_seconds', 'a', 0.4],
    ['baton_flashblocks_open', 'b', 0],
  ])
  const [verdict] = decision.verdicts
  expect(verdict && findingOf(seen, verdict)).toMatch(/^rollup boost is partially healthy/)
})

test('a value with quotes, backslashes and line feeds stays one line', async () => {
  const metrics = openMetrics('a"b', ['gate'])
  metrics.add('op_conductor_rpc_server_requests_total', { rpc: 'x\\"y\nz', method: '' })
  const [family] = parseExposition((await metrics.scrape()).text).filter(
    ({ samples }) => samples.length > 1 || samples[0]?.labels.rpc,
  )
  expect(family?.samples[0]?.labels).toEqual({ rpc: 'x\\"y\nz', method: '', chain: 'a"b' })
})

test('every metric of the list is one that Prometheus accepts', () => {
  for (const [name, { type, labels, help, buckets }] of Object.entries<Definition>(catalog)) {
    expect(name).toMatch(/^(op_conductor|baton)_[a-z0-9_]+$/)
    if (type === 'counter') expect(name).toMatch(name.startsWith('baton') ? /_total$/ : /_(total|count)$/)
    expect(name).not.toMatch(type === 'gauge' ? /_total$/ : /^$/)
    for (const label of labels) expect(label).toMatch(/^(?!le$|chain$|__)[a-z_]+$/)
    expect(help).not.toMatch(/\.$/)
    expect(buckets !== undefined).toBe(type === 'histogram')
    expect([...(buckets ?? [])].toSorted((a, b) => a - b)).toEqual([...(buckets ?? [])])
  }
})
