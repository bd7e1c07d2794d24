import { expect, test } from 'vitest'
import { freshMemory, watchGateClock } from '../../lib/context/memory.ts'
import { silentLog } from '../../lib/log.ts'
import { runMonitor } from '../../lib/monitor/run.ts'
import { type ClockWatch, certainSkew } from '../../lib/protocol/clocks.ts'
import { type Scene, T, view } from '../protocol/scene.ts'
import { setStage } from './stage.ts'

const headOf = (changes: NonNullable<Scene['head']>) => view({ head: changes }).head

test('each new head under the same term shows the clock of its gate', () => {
  const memory = freshMemory()
  const commit = (at: number, number: bigint, off: number, term = 7) =>
    watchGateClock(memory, headOf({ number, term, committedAt: at - 300 + off }), at - 10, at)
  for (let i = 0; i < 80; i++) commit(T + i * 1_000, 100n + BigInt(i), 4_000)
  expect(certainSkew(memory.gateClock)).toBeGreaterThan(3_000)
  expect(certainSkew(memory.gateClock)).toBeLessThanOrEqual(4_000)

  const { samples: looks } = memory.gateClock ?? { samples: 0 }
  commit(T + 80_000, 179n, -60_000)
  expect(memory.gateClock?.samples, 'the same head says nothing').toBe(looks)
  commit(T + 81_000, 200n, 4_000, 8)
  expect(memory.gateClock, 'another term starts over').toBeUndefined()
})

test('a wrong clock is logged once when it begins, and once when it is over', async () => {
  const stage = await setStage()
  const offset = { low: 5_000, high: 6_000 }
  let watch: ClockWatch | undefined = { since: T, samples: 9, offset, past: [offset, offset] }
  const reported: string[] = []
  const abort = new AbortController()
  const log = { ...silentLog, warn: (message: string) => void (/clock/.test(message) && reported.push(message)) }
  let turns = 0
  const done = runMonitor(
    { ...stage.ports, log, serverClock: () => watch },
    { owner: 'm', signal: abort.signal, tickMs: 20, onTick: () => turns++ },
  )
  await stage.until('some turns', () => turns > 3)
  watch = undefined
  await stage.until('it is over', () => reported.length > 1)
  abort.abort()
  await done
  await stage.close()
  expect(reported).toEqual([
    'the clock of this monitor is at least 5000 ms behind that of the store',
    'the clocks agree again',
  ])
})
