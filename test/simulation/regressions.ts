import type { Invariant } from './journal.ts'
import { NO_NOISE, type Plan } from './plan.ts'

/** A bug the simulation found in the product, as the smallest history that shows it. */
export type Regression = {
  readonly bug: string
  readonly plan: Plan
  /** The mutation that brings the bug back, and what it breaks. */
  readonly mutation: string
  readonly breaks: Invariant
}

const quiet: Plan = {
  seed: 1,
  nodes: ['ada', 'bob', 'cyd'],
  monitors: ['monitor-0'],
  gates: ['gate-0'],
  start: 'fresh',
  rivals: false,
  asksGate: false,
  looksEvery: 1,
  noise: NO_NOISE,
  faults: [],
  healAt: 3_000,
  lost: [],
  ending: 'grown',
}

/** Plans, not seeds: what a seed draws changes whenever the simulation learns something new. */
export const REGRESSIONS: readonly Regression[] = [
  {
    bug: 'a pause written while a grant was being decided did not stop that grant',
    plan: {
      ...quiet,
      faults: [
        { at: 2_700, ms: 3_000, effect: { do: 'kill', target: 'ada' } },
        {
          at: 2_700,
          ms: 1_000,
          effect: { do: 'freeze', target: '*' },
          on: { operation: 'read-head', moment: 'answered', nth: 2 },
        },
        { at: 4_100, ms: 0, effect: { do: 'operator', act: 'pause', node: 'ada' } },
      ],
      healAt: 6_600,
    },
    mutation: 'grant over an operator’s act',
    breaks: 'operator',
  },
  {
    bug: 'an old sequencer granted again lacked the head, counted as running, and was never given it',
    plan: { ...quiet, ending: 'zombie-alone' },
    mutation: 'a zombie that is granted again gets no blocks',
    breaks: 6,
  },
  {
    bug: 'a monitor whose clock was far ahead kept the monitor lease long after its death',
    plan: { ...quiet, ending: 'monitor-from-the-future' },
    mutation: 'a monitor’s clock is believed for ever',
    breaks: 6,
  },
  {
    bug: 'adopt started the old sequencer again although its write of the head had been applied',
    plan: {
      ...quiet,
      start: 'outside',
      faults: [
        { at: 1_700, ms: 0, effect: { do: 'operator', act: 'adopt', node: 'bob' } },
        {
          at: 0,
          ms: 3_000,
          effect: { do: 'cut', target: 'store', other: 'operator', oneWay: true },
          on: { operation: 'seed', moment: 'sent', nth: 1 },
        },
      ],
      healAt: 6_000,
    },
    mutation: 'adopt: the old sequencer keeps sequencing when the store fails',
    breaks: 5,
  },
  {
    bug: 'the time in which no node could reach a gate was held against the leader',
    plan: { ...quiet, asksGate: true, ending: 'gates-die' },
    mutation: 'an outage of the gate is held against the leader',
    breaks: 6,
  },
  {
    bug: 'the time in which the store was down was held against the leader',
    plan: {
      ...quiet,
      nodes: ['ada', 'bob'],
      faults: [
        {
          at: 2_543,
          ms: 11_676,
          effect: { do: 'freeze', target: '*' },
          on: { operation: 'commit', moment: 'answered', nth: 2 },
        },
      ],
      healAt: 8_700,
      ending: 'store-dies',
    },
    mutation: 'an outage of the store is held against the leader',
    breaks: 6,
  },
  {
    bug: 'a clock set back during a turn of the monitor put it to sleep for as long',
    plan: {
      ...quiet,
      faults: [
        {
          at: 0,
          ms: 20_000,
          effect: { do: 'skew', target: 'monitor-0', offsetMs: -600_000 },
          on: { operation: 'read-head', moment: 'sent', nth: 1 },
        },
      ],
    },
    mutation: 'a clock that is set back stops the monitor',
    breaks: 6,
  },
  {
    bug: 'a stopped chain whose nodes stood at three heights was never taken over',
    plan: {
      ...quiet,
      start: 'outside',
      faults: [
        { at: 1_898, ms: 20_000, effect: { do: 'vanish', target: 'bob' } },
        { at: 4_444, ms: 20_000, effect: { do: 'kill', target: 'cyd' } },
      ],
      healAt: 5_619,
    },
    mutation: 'only one head is proven',
    breaks: 6,
  },
  {
    bug: 'of two operators who acted at once, one undid what the other had ordered',
    plan: {
      ...quiet,
      faults: [
        { at: 3_500, ms: 0, effect: { do: 'operator', act: 'quarantine', node: 'bob' } },
        { at: 3_502, ms: 0, effect: { do: 'operator', act: 'quarantine', node: 'cyd' } },
      ],
      healAt: 4_500,
    },
    mutation: 'two operators undo each other',
    breaks: 'operator',
  },
  {
    bug: 'a node that died at the moment it committed, and was the only one to come back, sealed beside its own commit',
    plan: {
      ...quiet,
      nodes: ['ada', 'bob'],
      faults: [
        { at: 4_100, ms: 9_000, effect: { do: 'kill', target: 'bob' } },
        { at: 4_990, ms: 9_000, effect: { do: 'freeze', target: 'gate-0' } },
        { at: 5_030, ms: 200, effect: { do: 'kill', target: 'ada' } },
      ],
      healAt: 5_900,
      lost: ['bob'],
    },
    mutation: 'a zombie that is granted again gets no blocks',
    breaks: 6,
  },
  {
    bug: 'a fence written by a clock far ahead made a leader that froze later be replaced a second too late',
    plan: {
      ...quiet,
      nodes: ['ada', 'bob'],
      faults: [
        { at: 3_260, ms: 10_000, effect: { do: 'operator', act: 'force-switchover', node: 'bob' } },
        { at: 3_852, ms: 1_800, effect: { do: 'skew', target: 'monitor-0', offsetMs: 50_000 } },
      ],
      healAt: 5_631,
      ending: 'leader-freezes',
    },
    mutation: 'a fence from a clock far ahead counts for ever',
    breaks: 6,
  },
  {
    bug: 'the first head of a chain was kept without its payload: when the nodes that had it lost it, the chain stood',
    plan: {
      ...quiet,
      nodes: ['ada', 'bob'],
      start: 'outside',
      faults: [
        {
          at: 2_291,
          ms: 559,
          on: { operation: 'grant', moment: 'sent', nth: 1 },
          effect: { do: 'go-astray', target: 'bob' },
        },
        {
          at: 2_796,
          ms: 3_592,
          on: { operation: 'grant', moment: 'answered', nth: 1 },
          effect: { do: 'go-astray', target: 'ada' },
        },
        { at: 2_963, ms: 0, effect: { do: 'operator', act: 'adopt', node: 'bob' } },
      ],
      healAt: 3_515,
    },
    mutation: 'the first head is kept without its payload',
    breaks: 6,
  },
  {
    bug: 'a cool-down written by a clock far ahead came to bind after the next leader had committed',
    plan: {
      ...quiet,
      start: 'outside',
      faults: [
        { at: 367, ms: 10_977, effect: { do: 'cut', target: 'gate-0', other: 'store', oneWay: false } },
        { at: 2_929, ms: 0, effect: { do: 'operator', act: 'adopt', node: 'bob' } },
        { at: 2_934, ms: 7_052, effect: { do: 'skew', target: 'monitor-0', offsetMs: 7_801 } },
      ],
      healAt: 5_499,
      ending: 'leader-dies',
    },
    mutation: 'a cool-down outlasts grants and commits',
    breaks: 6,
  },
]
