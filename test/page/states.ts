import type { Snapshot } from '../../lib/context/inspect.ts'
import type { Acts } from '../../lib/page/acts.ts'
import type { Run } from '../../lib/page/procedures.ts'
import { type PageServer, servePage } from '../../lib/page/serve.ts'
import type { Story } from '../../lib/page/story/story.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { ObservedNode, View } from '../../lib/protocol/decision.ts'
import { recordStory } from '../../lib/serve/story-recorder.ts'
import { failover, forked, happy, head, lease, NOW, observedAs, paused, sharedCause } from './snapshots.ts'
import { BLOCK, night, recordNight, recordQuiet } from './story/night.ts'

/** A state of the page: what it is given. */
export type Shown = { readonly snapshot: Snapshot; readonly run?: Run; readonly story: (snapshot: Snapshot) => Story }

const { head: _, lease: __, ...empty } = happy.view
const before: Snapshot = {
  ...happy,
  view: empty,
  decision: decide(empty),
  history: [],
  blocks: [],
}

/** Nothing can take over: the leader is dead, one standby is quarantined, the other is half dead. */
const dead = (node: ObservedNode): ObservedNode => {
  const since = { since: NOW - 36_000, samples: 40 }
  return { ...node, consensus: { ...node.consensus, ...since }, execution: { ...node.execution, ...since } }
}
const stuck: View = {
  ...happy.view,
  head: { ...head, committedAt: NOW - 38_000, timestamp: BigInt(Math.floor((NOW - 38_000) / 1_000)) },
  lease: { ...lease, quarantine: { 'seq-b': { by: 'grace', since: NOW - 3_600_000, why: 'disk nearly full' } } },
  observed: {
    ...happy.view.observed,
    'seq-a': dead(observedAs('seq-a', { consensus: 'refused', execution: 'timeout' })),
    'seq-c': dead(observedAs('seq-c', { execution: 'timeout' })),
  },
}
const halted: Snapshot = {
  ...happy,
  view: stuck,
  decision: decide(stuck),
  blocks: happy.blocks.map((block) => ({ ...block, committedAt: block.committedAt - 36_900 })),
}

const upgrading: Run = {
  title: 'Upgrade to v1.19.2',
  by: 'grace',
  startedAt: NOW - 94_000,
  stopping: false,
  steps: [
    { label: 'seq-c: stop, install, start, catch up', state: 'done' },
    { label: 'seq-b: stop, install, start, catch up', state: 'under way' },
    { label: 'switch over from seq-a to seq-b', state: 'left' },
    { label: 'seq-a: stop, install, start, catch up', state: 'left' },
  ],
  lines: ['seq-c runs v1.19.2', 'seq-b: installing v1.19.2'],
  progress: 'seq-b: waiting until it follows the head (12 blocks behind)',
}

const recovering: Run = {
  title: 'Recovery of seq-a',
  by: 'grace',
  startedAt: NOW - 17_000,
  stopping: false,
  steps: [],
  lines: [
    'seq-a: op-node stopped',
    'seq-a: rewound to block 41234556, the newest one that is safe everywhere',
    'seq-a: 9 committed blocks posted',
  ],
  progress: 'seq-a: waiting until it is at the head',
}

const reported = (snapshot: Snapshot): Story => recordNight().storyOf(snapshot)
const quiet = (snapshot: Snapshot): Story => recordQuiet(snapshot).storyOf(snapshot)
/** This process has only just begun to look. */
const fresh = (snapshot: Snapshot): Story => recordStory(BLOCK, () => NOW - 90_000).storyOf(snapshot)

/** Every state worth a look, by name. */
export const states: Readonly<Record<string, Shown>> = {
  normal: { snapshot: happy, story: quiet },
  failover: { snapshot: failover, story: quiet },
  recovered: { snapshot: night, story: reported },
  halted: { snapshot: halted, story: quiet },
  'shared-cause': { snapshot: sharedCause, story: quiet },
  paused: { snapshot: paused, story: quiet },
  forked: { snapshot: forked, story: quiet },
  observing: { snapshot: before, story: fresh },
  upgrade: { snapshot: happy, run: upgrading, story: quiet },
  recovery: { snapshot: night, run: recovering, story: reported },
}

/** Acts that do nothing; all are offered. */
const idleActs = (run: Run | undefined): Acts => ({
  operate: async () => 'done',
  fault: async () => 'done',
  procedures: {
    plan: async () => ({ words: 'plan', held: false }),
    start: async () => 'done',
    stop: async () => 'done',
    dismiss: async () => 'done',
    run: () => run,
    unavailable: { upgrade: 'no machine takes steps' },
  },
})

const YEAR_MS = 365 * 86_400_000

/** Moves every time of a value from {@link NOW} to another moment; a day's distance stays a day's distance. */
export function shifted<T>(value: T, to: number): T {
  const by = to - NOW
  const shift = (each: unknown): unknown => {
    if (typeof each === 'number') return Math.abs(each - NOW) < YEAR_MS ? each + by : each
    if (typeof each === 'bigint') {
      const isTime = Math.abs(Number(each) - NOW / 1_000) < YEAR_MS / 1_000
      return isTime ? each + BigInt(Math.round(by / 1_000)) : each
    }
    if (Array.isArray(each)) return each.map(shift)
    if (typeof each === 'object' && each !== null)
      return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, shift(inner)]))
    return each
  }
  return shift(value) as T
}

/** The page in a state, as of now. */
export function serve({ snapshot, run, story }: Shown, port = 0): Promise<PageServer> {
  const reported = story(snapshot)
  return servePage({
    port,
    snapshot: () => shifted(snapshot, Date.now()),
    story: ({ view }) => shifted(reported, view.now),
    acts: idleActs(run && shifted(run, Date.now())),
    faults: () => ({ 'seq-a': ['op-node frozen'] }),
  })
}
