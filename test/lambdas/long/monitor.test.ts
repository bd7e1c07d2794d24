import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Head } from '../../../lib/protocol/records.ts'
import { CHAIN, type Deployed, deploy } from '../harness/deployed.ts'
import { scheduleEvent } from '../harness/events.ts'
import { type Running, start } from '../harness/invoke.ts'

/** Of the time a function has left, the monitor keeps this for its last turn. */
const MARGIN_MS = 20_000

let deployed: Deployed
let first: Running
let second: Running

beforeAll(async () => {
  deployed = await deploy()
  first = await start('monitor', deployed.env)
  second = await start('monitor', deployed.env)
}, 120_000)
afterAll(async () => {
  await first?.kill()
  await second?.kill()
  await deployed?.stop()
})

const watchFor = (monitor: Running, requestId: string, ms: number) =>
  monitor.invoke(scheduleEvent, { requestId, remainingMs: MARGIN_MS + ms })

async function until<T>(what: string, ask: () => Promise<T | undefined | false>, ms = 10_000): Promise<T> {
  const end = Date.now() + ms
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`${what} did not happen\n${first.output()}\n${second.output()}`)
    await sleep(50)
  }
}

const head = async (): Promise<Head | undefined> => deployed.account.stores.heads.read(CHAIN)
const headWith = (what: string, is: (head: Head) => boolean) =>
  until(what, async () => {
    const now = await head()
    return now && is(now) ? now : undefined
  })
const metricsOf = (monitor: Running) => monitor.lines().filter((line) => '_aws' in line && 'Paging' in line)

test('a run seeds the chain, grants the first term, and ends in time with the lease released', async () => {
  const began = Date.now()
  const run = watchFor(first, 'run-1', 5_000)
  await headWith('blocks', ({ number, leader }) => number >= 3n && leader === 'ada')
  await run
  expect(Date.now() - began).toBeGreaterThan(4_900)
  expect(Date.now() - began).toBeLessThan(15_000)
  expect(await deployed.account.stores.monitorLease.read(CHAIN)).toMatchObject({ owner: 'run-1', until: 0 })
})

test('a standby is warm, takes over before the lease would be over, and only the active one counts', async () => {
  const before = metricsOf(second).length
  const older = watchFor(first, 'run-2', 3_000)
  await sleep(1_000)
  const younger = watchFor(second, 'run-3', 5_000)
  await older
  const released = Date.now()
  await until('the hand-over', async () => (await deployed.account.stores.monitorLease.read(CHAIN))?.owner === 'run-3')
  // A second as a rule; the lease of one that dies would still run for four.
  expect(Date.now() - released).toBeLessThan(3_500)
  await younger
  const ticks = metricsOf(second)
    .slice(before)
    .flatMap(({ Paging: ticks }) => ticks)
  expect(ticks.length).toBeGreaterThan(1)
  expect(ticks.length).toBeLessThan(14)
})

test('a run that is killed is replaced by the standby once its lease is over', async () => {
  void watchFor(first, 'run-4', 60_000).catch(() => {})
  await until('run-4', async () => (await deployed.account.stores.monitorLease.read(CHAIN))?.owner === 'run-4')
  const standby = watchFor(second, 'run-5', 15_000)
  await sleep(1_500)
  await first.kill()
  const killed = Date.now()
  await until('the take-over', async () => (await deployed.account.stores.monitorLease.read(CHAIN))?.owner === 'run-5')
  // Five seconds as a rule.
  expect(Date.now() - killed).toBeLessThan(12_000)
  await standby
  first = await start('monitor', deployed.env)
}, 30_000)

test('a dead leader is replaced, and the metrics say so', async () => {
  const term = (await head())?.term ?? 0
  const run = watchFor(first, 'run-6', 9_000)
  await until('a turn', async () => (await deployed.account.stores.monitorLease.read(CHAIN))?.owner === 'run-6')
  await sleep(2_000)
  await deployed.chain.node('ada').kill('consensus')
  const moved = await headWith('the failover', (now) => now.term > term && now.committedTerm === now.term)
  expect(moved.leader).toBe('bob')
  await run
  const metrics = metricsOf(first).at(-1) ?? {}
  const sum = (value: unknown) => [value].flat().reduce((total: number, one) => total + Number(one), 0)
  expect(sum(metrics.Failovers)).toBe(1)
  expect(metrics).toMatchObject({
    chain: CHAIN,
    owner: 'run-6',
    term: String(moved.term),
    condition: 'ok',
    number: expect.stringMatching(/^\d+$/),
    SecondsSinceCommit: expect.any(Array),
    EligibleStandbys: expect.any(Array),
    FlapBudgetLeft: expect.any(Array),
    l1HeadAge: expect.stringMatching(/^\d+$/),
    safeLagBlocks: expect.stringMatching(/^\d+$/),
    Paging: expect.any(Array),
    _aws: { CloudWatchMetrics: [{ Namespace: 'Baton', Dimensions: [['baton', 'chain']] }] },
  })
  const grant = first.lines().find(({ message, chain }) => message === 'grant' && chain === CHAIN)
  expect(grant).toMatchObject({
    record: expect.stringContaining('#'),
    term: moved.term,
    node: 'bob',
    function_request_id: 'run-6',
  })
}, 30_000)

test('a chain whose configuration cannot be read fails the run by name', async () => {
  const lost = await start('monitor', { ...deployed.env, BATON_CHAINS: '904' })
  await expect(watchFor(lost, 'run-7', 1_000)).rejects.toMatchObject({
    failure: {
      errorType: 'ConfigurationError',
      errorMessage: expect.stringContaining('/baton/test/chains/904/config'),
    },
  })
  expect(lost.lines().find((line) => 'TickErrors' in line)).toMatchObject({ chain: '904', TickErrors: 1 })
  await lost.kill()
})
