import { expect, test } from 'vitest'
import type { Context, Endpoints } from '../../lib/operations/resequence/context.ts'
import { rebuild } from '../../lib/operations/resequence/steps/rebuild.ts'
import { until } from '../../lib/operations/resequence/wait.ts'

const HOUR_MS = 3_600_000
const patience = { pollMs: 1_000, stallMs: 600_000, syncMs: HOUR_MS }

/** A wall clock that jumps by an hour (an NTP step, a machine that slept) in the tenth second. */
function jumping(byMs: number) {
  let at = 0
  return {
    now: () => 1_790_000_000_000 + at + (at >= 10_000 ? byMs : 0),
    monotonic: () => at,
    sleep: async (ms: number) => {
      at += ms
    },
  }
}

test.each([HOUR_MS, -HOUR_MS])(
  'a wait lasts as long as it should, whatever the wall clock does (%i ms)',
  async (by) => {
    const clock = jumping(by)
    const endpoints = { clock, say: () => {}, signal: new AbortController().signal, config: { patience } }
    const awaited = { what: 'it answers', ms: 60_000, since: clock.now() - 20_000, remedy: 'x' }
    const wait = (look: () => Promise<true | undefined>) => until(endpoints as unknown as Endpoints, awaited, look)
    expect(await wait(async () => (clock.monotonic() >= 30_000 ? true : undefined))).toBe(true)
    await expect(wait(async () => undefined)).rejects.toThrow('not within 60 s: it answers')
    // Half a minute, of which twenty seconds had gone by before; a clock that was set back gives them again.
    expect(clock.monotonic()).toBeLessThan(30_000 + 62_000)
  },
)

test('a node that builds is in no loop because the wall clock jumped', async () => {
  const clock = jumping(HOUR_MS)
  let started = false
  const outputs: Readonly<Record<string, () => string>> = {
    'log-position': () => '-- cursor: s=0;i=1',
    // Nothing to read for twenty seconds, in which the clock jumps; then the last batch.
    'read-log': () => (clock.monotonic() < 20_000 ? '' : '[6/14 Execution] Finish batch 5...\n-- cursor: s=0;i=2'),
    processes: () => (started ? 'ps\ncdk-erigon' : 'ps'),
  }
  const run = async (step: string) => {
    started ||= step === 'start-resequencing'
    return { step, exitCode: 0, stderr: '', ms: 1, stdout: outputs[step]?.() ?? '' }
  }
  const context = {
    ...{ clock, host: { run }, say: () => {}, note: async () => {}, notes: () => ({}), resumed: false },
    ...{ signal: new AbortController().signal, config: { patience } },
  }
  const reader = {
    take: (event: { kind: string }) => (event.kind === 'batch' ? 'built' : undefined),
    save: () => '',
    load: () => {},
  }
  const follow = { step: 'start-resequencing', parameters: {}, reader }
  expect(await rebuild(context as unknown as Context, follow)).toBe('built')
})
