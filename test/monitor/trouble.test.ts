import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cases } from '../cases.ts'
import { blockTimes, type Fault, faults, missedIn, react, type World, worstGap } from './reaction.ts'

/** Two monitors that differ in their clocks, a store and nodes that are far away, pauses of one of the monitors (ms). */
const worlds = fc.record({
  monitors: fc.constant(2),
  nodes: fc.constantFrom(1, 2, 3, 5),
  storeMs: fc.constantFrom(8, 20, 50, 100, 200, 300),
  gateMs: fc.constantFrom(8, 40),
  callMs: fc.constantFrom(4, 20, 60, 150),
  startMs: fc.constantFrom(0, 500, 2_500, 4_600),
  skewMs: fc.constantFrom([0, 0], [60, -60], [120, -120], [-120, 120], [300, -300], [900, -900]),
  pauses: fc.oneof(
    fc.constant([]),
    fc
      .record({
        monitor: fc.constantFrom(0, 1),
        afterMs: fc.constantFrom(0, 50, 400, 1_500),
        ms: fc.constantFrom(1_000, 5_000, 10_000),
      })
      .map((pause) => [pause]),
  ),
  silent: fc.constantFrom<readonly string[]>([], [], ['c']),
}) satisfies fc.Arbitrary<World>

const slots = fc.constantFrom(...blockTimes, 500)
const moments = fc.constantFrom(0.05, 0.3, 0.6, 0.9)

/** What the farthest things of a world, and its pauses, add to a gap at most. */
const added = ({ storeMs = 0, callMs = 0, startMs = 0, pauses = [], silent = [] }: World) =>
  16 * storeMs +
  8 * callMs +
  2 * startMs +
  800 * silent.length +
  pauses.reduce((sum, { ms }) => sum + Math.min(ms, 6_500) + 700, 0)

/** The fault's worst gap where nothing else is amiss. */
const known = new Map<string, Promise<number>>()
function usual(blockTimeMs: number, name: string, fault: Fault): Promise<number> {
  const key = `${name} ${blockTimeMs}`
  const gap = known.get(key) ?? worstGap(blockTimeMs, fault)
  known.set(key, gap)
  return gap
}

const told = ({ moves }: Awaited<ReturnType<typeof react>>) =>
  moves.map(({ node, reasons }) => `${node} ${reasons[0]?.code}`)

const runs = { numRuns: cases({ few: 20, all: 200 }), seed: 20_261_130, endOnFailure: true }

describe('whatever surrounds the chain', { timeout: 600_000 }, () => {
  test.each<[string, Fault]>([
    ['nothing happens to it', { none: true }],
    ['the op-node of a leader that commits is mute', { consensus: 'timeout', commits: true }],
    ['the op-geth of a leader that commits is mute', { execution: 'timeout', commits: true }],
  ])('%s: nothing moves, and no slot is missed', async (_, fault) => {
    await fc.assert(
      fc.asyncProperty(slots, moments, worlds, async (blockTimeMs, at, world) => {
        const came = await react(blockTimeMs, fault, at, {}, world)
        expect(told(came)).toEqual([])
        expect(missedIn(came.gapMs, blockTimeMs)).toBe(0)
      }),
      runs,
    )
  })

  test('a switchover ends, and one that no monitor leaves in the middle ends where it was asked to', async () => {
    await fc.assert(
      fc.asyncProperty(slots, moments, worlds, async (blockTimeMs, at, given) => {
        const world = { ...given, nodes: Math.max(2, given.nodes) }
        const fault: Fault = { switchover: 'fit' }
        const came = await react(blockTimeMs, fault, at, {}, world)
        expect(came.waits).toBe(false)
        expect(came.silentMs).toBeLessThan(2 * blockTimeMs + 500)
        expect(came.gapMs).toBeLessThan((await usual(blockTimeMs, 'switchover', fault)) + added(world))
        // A start that takes longer than a planned switchover may is taken back, once.
        if (!left(world) && told(came).length === 0) expect(came.leader).toBe('b')
        else if (!left(world)) {
          expect(world.startMs).toBeGreaterThanOrEqual(2_500)
          expect(told(came)).toEqual(['a rolled-back'])
        }
      }),
      runs,
    )
  })

  test('a chain that may not be moved stands still for 20 s at most without a page', async () => {
    const some = fc.constantFrom(...Object.values<Fault>(faults))
    await fc.assert(
      fc.asyncProperty(slots, moments, worlds, some, async (blockTimeMs, at, world, fault) => {
        const came = await react(blockTimeMs, fault, at, { budgetPerHour: 0 }, world)
        if (came.silentMs > 2 * blockTimeMs + 500) expect(came.pagedMs).toBeLessThan(20_000)
      }),
      runs,
    )
  })

  test.each(Object.entries(faults) as [string, Fault][])(
    '%s: one move, in the time of the table and of what surrounds it',
    async (name, fault) => {
      await fc.assert(
        fc.asyncProperty(slots, moments, worlds, async (blockTimeMs, at, world) => {
          const came = await react(blockTimeMs, fault, at, {}, world)
          // A single node may come back by a start; else a person is called.
          if (came.silentMs > 2 * blockTimeMs + 500) {
            expect(world.nodes).toBe(1)
            expect(came.pagedMs).toBeLessThan(20_000)
            return
          }
          expect(came.gapMs).toBeLessThan((await usual(blockTimeMs, name, fault)) + added(world))
          expect(told(came).length).toBeLessThanOrEqual(left(world) ? Math.max(2, world.nodes) : 1)
        }),
        { ...runs, numRuns: cases({ few: 8, all: 100 }) },
      )
    },
  )
})

/** Whether a monitor stands still for longer than its lease runs: the other one tries each node once at most. */
const left = ({ pauses = [] }: World) => pauses.some(({ ms }) => ms > 4_000)
