import { expect, test } from 'vitest'
import { silentLog } from '../../lib/log.ts'
import type { Failing } from '../../lib/monitor/run.ts'
import { keepRunning } from '../../lib/serve/run-monitors.ts'
import { virtualFleet } from '../monitor/virtual-fleet.ts'

/** A chain whose loop ends with an error the first `times`: what listens to its builders throws. */
async function failingAtFirst(times: number) {
  const fleet = virtualFleet()
  await fleet.begin()
  const began: number[] = []
  const logged: unknown[] = []
  const failures: Failing[] = []
  let turns = 0
  const builders = {
    latest: () => ({}),
    ask: async () => {},
    listen() {
      began.push(fleet.now())
      if (began.length <= times) throw new Error('no stream')
      return () => {}
    },
  }
  const log = { ...silentLog, error: (message: string) => void logged.push(message) }
  const abort = new AbortController()
  const ended = keepRunning({ ...fleet.ports, builders, log } as never, {
    owner: 'm',
    signal: abort.signal,
    onTick: () => void turns++,
    onFailed: (failing) => void failures.push(failing),
  })
  return { fleet, began, logged, failures, ended, abort, turns: () => turns }
}

test('a loop that ends with an error begins again, later each time, and is reported as failing since the first', async () => {
  const { fleet, began, logged, failures, turns } = await failingAtFirst(9)
  await fleet.run(6_500)
  const pauses = began.slice(1).map((at, i) => at - (began[i] ?? 0))
  expect(pauses).toEqual([1_000, 2_000])
  expect(logged).toHaveLength(3)
  expect(new Set(failures.map(({ since }) => since))).toEqual(new Set([began[0]]))
  await fleet.run(300_000)
  expect(began.slice(1).map((at, i) => at - (began[i] ?? 0))).toEqual([
    ...[1_000, 2_000, 4_000, 8_000, 16_000, 32_000],
    ...[60_000, 60_000, 60_000],
  ])
  expect(turns()).toBeGreaterThan(10)
  fleet.halt()
})

test('it ends with its signal, during a pause too', async () => {
  const { fleet, began, abort, ended } = await failingAtFirst(9)
  await fleet.run(500)
  abort.abort()
  await fleet.run(2_000)
  await ended
  expect(began).toHaveLength(1)
})
