import { draw } from './draw.ts'
import { type Act, ARCHIVER, type Effect, type Front, type Lie, NO_NOISE, type Noise } from './plan.ts'
import type { Random } from './random.ts'

/** Who can be struck, and until when. */
export type Cast = {
  readonly nodes: readonly string[]
  readonly monitors: readonly string[]
  readonly gates: readonly string[]
  readonly healAt: number
}

/** What operators do in a history; some more often. */
export const ACTS: readonly Act[] = [
  'pause',
  'resume',
  'hold',
  'switchover',
  'switchover',
  'force-switchover',
  'quarantine',
  'put-back',
]

const LIES: readonly Lie[] = [
  'claims-started',
  'ignores-start-hash',
  'claims-stopped',
  'other-hash',
  'higher-head',
  'lower-head',
  'odd-errors',
  'far-l1',
]

const SAYS: readonly Front['says'][] = ['bad gateway', 'unavailable', 'a web page', 'a redirect']

/** Draws what stands before a node. */
export const makeFront = (random: Random): Front => ({
  says: random.pick(SAYS),
  of: random.pick(['consensus', 'execution', 'both', 'both']),
})

/** Draws what a fault does. */
export function makeEffect(random: Random, { nodes, monitors, gates }: Cast): Effect {
  const node = random.pick(nodes)
  const anybody = random.pick([...nodes, ...nodes, ...monitors, ...monitors, ...gates, ARCHIVER])
  const links = [
    [random.pick(monitors), node],
    [node, random.pick(gates)],
    [random.pick(gates), 'store'],
    [random.pick(monitors), 'store'],
    [node, random.pick(nodes)],
  ] as const
  const [target, other] = random.pick(links)
  const skewed = random.pick([...nodes, ...monitors, ...gates])
  return draw<Effect>(random, [
    [8, { do: 'kill', target: anybody }],
    [8, { do: 'freeze', target: anybody }],
    [2, { do: 'vanish', target: node }],
    [3, { do: random.pick(['kill-consensus', 'kill-execution', 'freeze-consensus']), target: node }],
    [6, { do: 'cut', target, other, oneWay: random.chance(0.3) }],
    [3, { do: 'skew', target: skewed, offsetMs: random.int(-3_000, 3_000) }],
    // A sequencer minutes ahead fills its chain with blocks of the future, and all wait for their time.
    [1, { do: 'skew', target: random.pick([...monitors, ...gates]), offsetMs: random.int(-600_000, 600_000) }],
    [2, { do: 'lose-blocks', target: node, count: random.int(1, 5) }],
    [2, { do: 'crash-execution', target: node, count: random.int(1, 5) }],
    [1, { do: 'lose-state', target: node }],
    [1, { do: 'slow', target: node }],
    [2, { do: 'go-astray', target: node }],
    [3, { do: 'lie', target: node, lie: random.pick(LIES) }],
    [3, { do: 'front', target: node, front: makeFront(random) }],
    [3, { do: 'store-down' }],
    [1, { do: 'throttle' }],
    [1, { do: 'stop-l1' }],
    [1, { do: 'reorg-l1', depth: random.int(1, 3) }],
    [1, { do: random.pick(['fork-l1', 'stop-l1-of']), target: node }],
    [3, { do: 'storm', noise: makeNoise(random, random.int(3, 12)) }],
    [7, { do: 'operator', act: random.pick(ACTS), node }],
  ])
}

/** Draws a noise; level 0 is none, 1 usual, above that a storm. */
export function makeNoise(random: Random, level: number): Noise {
  if (level === 0) return NO_NOISE
  const upTo = (most: number) => random.next() * most * level
  return {
    loss: upTo(0.01),
    double: upTo(0.01),
    slow: upTo(0.02),
    verySlow: upTo(0.003),
    storeBefore: upTo(0.01),
    storeAfter: upTo(0.02),
    storeTwice: upTo(0.02),
    storeLate: upTo(0.01),
  }
}
