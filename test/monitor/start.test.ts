import { expect, test } from 'vitest'
import type { ChainPorts, StartOutcome } from '../../lib/context/ports.ts'
import { silentLog } from '../../lib/log.ts'
import { start } from '../../lib/monitor/acts/start.ts'
import { view } from '../protocol/scene.ts'

const { head } = view({})

/** A node that answers so to each try, and a machine whose clock is set while it tries. */
function world(outcome: StartOutcome['outcome'], setTo: (tries: number) => number) {
  let tries = 0
  let ms = 0
  const port = {
    start: async () => {
      tries++
      return outcome === 'refused' ? { outcome, message: 'no' } : { outcome }
    },
    unsafe: async () => ({ number: head?.number ?? 0n, hash: head?.hash }),
    block: async () => head,
    observe: async () => ({ consensus: { ok: false }, execution: { ok: false } }),
  }
  const parts = {
    chain: { id: '901', name: 'test' },
    heads: { readWithPayload: async () => head },
    port: () => port,
    log: silentLog,
    clock: {
      now: () => setTo(tries),
      monotonic: () => ms,
      sleep: async (pause: number) => {
        ms += pause
        if (tries > 1_000) throw new Error('it never ends')
      },
    },
  }
  return { ports: parts as unknown as ChainPorts, tries: () => tries, spent: () => ms }
}

const again = 'head-mismatch' as const

test.each<[string, (tries: number) => number]>([
  ['goes on as it should', (tries) => tries * 50],
  ['is set back an hour at each try', (tries) => -tries * 3_600_000],
  ['jumps a day ahead after the first', (tries) => (tries > 1 ? 86_400_000 : 0)],
])('a start has its patience and no more, when the clock %s', async (_, setTo) => {
  const { ports, tries, spent } = world(again, setTo)
  const started = await start(ports, head?.leader ?? '', head?.term ?? 0, 1_000)
  expect(started).toMatchObject({ started: false })
  expect(spent()).toBeGreaterThanOrEqual(1_000)
  expect(spent()).toBeLessThan(1_200)
  expect(tries()).toBe(21)
})
