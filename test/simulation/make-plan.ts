import { type Act, ARCHIVER, type Effect, type Fault, type Lie, NO_NOISE, type Noise, type Plan } from './plan.ts'
import { Random } from './random.ts'
import { TROUBLES } from './troubles.ts'

const ENDINGS = Object.keys(TROUBLES) as (keyof typeof TROUBLES)[]

type Weighted<T> = readonly (readonly [weight: number, value: T])[]

/** Draws a history from its seed. */
export function makePlan(seed: number): Plan {
  const random = new Random(seed).fork('plan')
  const nodes = ['ada', 'bob', 'cyd'].slice(0, random.chance(0.75) ? 3 : 2)
  const monitors = random.chance(0.65) ? ['monitor-0', 'monitor-1'] : ['monitor-0']
  const gates = random.chance(0.5) ? ['gate-0', 'gate-1'] : ['gate-0']
  const start = random.chance(0.08) ? 'outside' : 'fresh'
  const healAt = random.int(5_000, 16_000)
  const cast = { nodes, monitors, gates, healAt }
  const count = random.chance(0.1) ? 0 : random.int(1, 7)
  const faults = Array.from({ length: count }, () => makeFault(random, cast))
  if (random.chance(0.1)) faults.push(...disputes(random, cast))
  if (start === 'outside')
    faults.push({
      at: random.int(1_500, 3_000),
      ms: 0,
      effect: { do: 'operator', act: 'adopt', node: random.pick(nodes) },
    })
  const survivor = random.pick(nodes)
  return {
    seed,
    nodes,
    monitors,
    gates,
    start,
    rivals: monitors.length > 1 && random.chance(0.4),
    asksGate: random.chance(0.5),
    noise: makeNoise(random, random.pick([0, 0, 0, 1, 1, 3])),
    faults: faults.sort((a, b) => a.at - b.at),
    healAt,
    lost: random.chance(0.25) ? nodes.filter((node) => node !== survivor) : [],
    ending: draw(random, [[14, 'grown'], ...ENDINGS.map((ending) => [1, ending] as const)]),
  }
}

type Cast = {
  readonly nodes: readonly string[]
  readonly monitors: readonly string[]
  readonly gates: readonly string[]
  readonly healAt: number
}

const OPERATIONS = [
  'commit',
  'grant',
  'fence',
  'seed',
  'seed-lease',
  'renew',
  'read-head',
  'read-lease',
  'set-mode',
] as const
const ACTS: readonly Act[] = [
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
]

/** How often an operation comes in a history, where that is more than a few times. */
const OFTEN: Readonly<Record<string, number>> = { commit: 12, 'read-head': 60, 'read-lease': 60, renew: 6 }

function makeFault(random: Random, cast: Cast): Fault {
  const ms = draw(random, [
    [3, random.int(50, 1_000)],
    [4, random.int(1_000, 6_000)],
    [2, random.int(6_000, 15_000)],
  ])
  const at = random.int(0, cast.healAt)
  if (!random.chance(0.3)) return { at, ms, effect: makeEffect(random, cast) }
  const operation = random.pick(OPERATIONS)
  const on = {
    operation,
    moment: random.pick(['sent', 'applied', 'answered'] as const),
    nth: random.int(1, OFTEN[operation] ?? 3),
  }
  if (operation === 'grant' && random.chance(0.4))
    return { at, ms, on, effect: { do: 'go-astray', target: random.pick(cast.nodes) } }
  const effect: Effect = random.chance(0.6)
    ? { do: random.chance(0.5) ? 'kill' : 'freeze', target: '*' }
    : makeEffect(random, cast)
  return { at: random.chance(0.5) ? 0 : at, ms, effect, on }
}

/** Several acts of operators at almost the same time. */
function disputes(random: Random, { nodes, healAt }: Cast): Fault[] {
  const at = random.int(2_000, healAt)
  return Array.from({ length: random.int(2, 5) }, () => ({
    at: at + random.int(0, 15),
    ms: 0,
    effect: { do: 'operator', act: random.pick(ACTS), node: random.pick(nodes) },
  }))
}

function makeEffect(random: Random, { nodes, monitors, gates }: Cast): Effect {
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
    [1, { do: 'lose-state', target: node }],
    [1, { do: 'slow', target: node }],
    [2, { do: 'go-astray', target: node }],
    [3, { do: 'lie', target: node, lie: random.pick(LIES) }],
    [3, { do: 'store-down' }],
    [1, { do: 'throttle' }],
    [1, { do: 'stop-l1' }],
    [3, { do: 'storm', noise: makeNoise(random, random.int(3, 12)) }],
    [7, { do: 'operator', act: random.pick(ACTS), node }],
  ])
}

function makeNoise(random: Random, level: number): Noise {
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

function draw<T>(random: Random, weighted: Weighted<T>): T {
  let left = random.next() * weighted.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, value] of weighted) {
    left -= weight
    if (left < 0) return value
  }
  const last = weighted.at(-1)
  if (last === undefined) throw new Error('nothing to draw from')
  return last[1]
}
