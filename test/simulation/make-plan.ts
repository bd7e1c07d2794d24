import { draw } from './draw.ts'
import { ACTS, type Cast, makeEffect, makeNoise } from './make-effect.ts'
import type { Effect, Ending, Fault, Plan } from './plan.ts'
import { Random } from './random.ts'
import { TROUBLES } from './troubles.ts'

const ENDINGS = Object.keys(TROUBLES) as (keyof typeof TROUBLES)[]
/** How often an ending comes, against the others: one takes a minute, which costs as much as five. */
const rarely = (ending: Ending) => (ending === 'monitors-stand-still' ? 0.4 : 2)

const TAKES_ORIGINS: ReadonlySet<Effect['do']> = new Set(['reorg-l1', 'fork-l1'])

/** Draws a history from its seed. */
export function makePlan(seed: number): Plan {
  const random = new Random(seed).fork('plan')
  const nodes = ['ada', 'bob', 'cyd'].slice(
    0,
    draw(random, [
      [14, 3],
      [5, 2],
      [1, 1],
    ]),
  )
  const monitors = random.chance(0.65) ? ['monitor-0', 'monitor-1'] : ['monitor-0']
  const gates = random.chance(0.5) ? ['gate-0', 'gate-1'] : ['gate-0']
  const start = random.chance(0.08) ? 'outside' : 'fresh'
  const healAt = random.int(4_000, 13_000)
  const cast = { nodes, monitors, gates, healAt }
  const count = random.chance(0.1) ? 0 : random.int(1, 7)
  const faults = Array.from({ length: count }, () => makeFault(random, cast))
  if (random.chance(0.1)) faults.push(...disputes(random, cast))
  if (random.chance(0.08)) faults.push(...ambush(random, cast))
  if (random.chance(0.06)) faults.push(...appointments(random, cast))
  if (start === 'outside') faults.push(...(random.chance(0.25) ? scattering(random, cast) : adoption(random, cast)))
  const survivor = random.pick(nodes)
  const ending = draw<Ending>(random, [
    [2 * ENDINGS.length, 'grown'],
    ...ENDINGS.map((each) => [rarely(each), each] as const),
  ])
  return {
    seed,
    nodes,
    monitors,
    gates,
    start,
    rivals: monitors.length > 1 && random.chance(0.4),
    asksGate: random.chance(0.5),
    noise: makeNoise(random, random.pick([0, 0, 0, 1, 1, 3])),
    // Until L1 takes an origin for good, nothing looks at it: the nodes would leave a head that Baton must not.
    faults: faults
      .filter(({ effect }) => ending !== 'origin-gone' || !TAKES_ORIGINS.has(effect.do))
      .sort((a, b) => a.at - b.at),
    healAt,
    lost: random.chance(0.25) ? nodes.filter((node) => node !== survivor) : [],
    ending,
    looksEvery: random.pick([1, 1, 3]),
  }
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
  'await',
] as const

/** How often an operation comes in a history, where that is more than a few times. */
const OFTEN: Readonly<Record<string, number>> = { commit: 12, 'read-head': 60, 'read-lease': 60, renew: 6, await: 700 }

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
    moment: random.pick(
      operation === 'await' ? (['sent', 'answered'] as const) : (['sent', 'applied', 'answered'] as const),
    ),
    nth: random.int(1, OFTEN[operation] ?? 3),
  }
  if (operation === 'grant' && random.chance(0.4))
    return { at, ms, on, effect: { do: 'go-astray', target: random.pick(cast.nodes) } }
  const effect: Effect = random.chance(0.6)
    ? { do: random.chance(0.5) ? 'kill' : 'freeze', target: '*' }
    : makeEffect(random, cast)
  return { at: random.chance(0.5) ? 0 : at, ms, effect, on }
}

/** The chain that runs outside is adopted. */
function adoption(random: Random, { nodes }: Cast): Fault[] {
  return [{ at: random.int(1_500, 3_000), ms: 0, effect: { do: 'operator', act: 'adopt', node: random.pick(nodes) } }]
}

/** It never is: its other nodes die one by one, and all stand at heights of their own in the end. */
function scattering(random: Random, { nodes, healAt }: Cast): Fault[] {
  return nodes
    .slice(1)
    .map((target) => ({ at: random.int(1_000, healAt), ms: healAt, effect: { do: 'kill', target } as const }))
}

/** A switchover for later, and orders given before its time. */
function appointments(random: Random, { nodes, healAt }: Cast): Fault[] {
  const at = random.int(2_200, Math.max(2_200, healAt - 3_000))
  const inMs = random.int(300, 4_000)
  const later = Array.from({ length: random.int(0, 3) }, () => ({
    at: at + random.int(50, inMs + 500),
    ms: 0,
    effect: { do: 'operator', act: random.pick(LATER), node: random.pick(nodes) } as const,
  }))
  return [
    { at, ms: 0, effect: { do: 'operator', act: 'schedule-switchover', node: random.pick(nodes), inMs } },
    ...later,
  ]
}

const LATER = ['pause', 'pause', 'hold', 'resume', 'cancel-switchover', 'quarantine', 'switchover'] as const

/** Several acts of operators at almost the same time. */
function disputes(random: Random, { nodes, healAt }: Cast): Fault[] {
  const at = random.int(2_000, healAt)
  return Array.from({ length: random.int(2, 5) }, () => ({
    at: at + random.int(0, 15),
    ms: 0,
    effect: { do: 'operator', act: random.pick(ACTS), node: random.pick(nodes) },
  }))
}

/** A monitor is frozen between what it read and what it makes of it, and an operator acts meanwhile. */
function ambush(random: Random, { nodes, healAt }: Cast): Fault[] {
  const at = random.int(2_500, Math.max(2_500, healAt - 4_000))
  const late = at + 1_150
  const act = random.pick(['pause', 'hold', 'quarantine', 'quarantine'] as const)
  return [
    { at, ms: 6_000, effect: { do: 'kill', target: nodes[0] ?? '' } },
    {
      at: late,
      ms: 1_000,
      effect: { do: 'freeze', target: '*' },
      on: { operation: 'read-lease', moment: 'answered', nth: random.int(1, 5) },
    },
    { at: late + random.int(300, 900), ms: 0, effect: { do: 'operator', act, node: random.pick(nodes) } },
  ]
}
