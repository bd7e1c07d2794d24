import type { CommittedBlock, Snapshot } from '../../../lib/context/inspect.ts'
import { reason } from '../../../lib/protocol/reason.ts'
import type { HistoryRecord } from '../../../lib/protocol/records.ts'
import { recordStory, type StoryRecorder } from '../../../lib/serve/story-recorder.ts'
import { blocksAt, failover, happy, hashOf, history, NOW, recovered } from '../snapshots.ts'

export const BLOCK = happy.view.policy.blockTimeMs
const HOUR = 3_600_000
/** The first block of seq-b. */
const FIRST_AFTER = 41_234_557n

/** A block at a time before {@link NOW} (ms). */
export function blockAt(ago: number, leader: string, term: number, number: bigint): CommittedBlock {
  const [like] = blocksAt([ago], () => [leader, term])
  if (!like) throw new Error('one block')
  return { ...like, number, hash: hashOf(number), parentHash: hashOf(number - 1n) }
}

/**
 * The failover of the snapshot {@link recovered} at the end of a day: seq-c led until a switchover 47 min ago, eleven
 * slots were missed five hours ago, three by the failover.
 */
export function recordNight(hours = 24): StoryRecorder {
  const recorder = recordStory(BLOCK, () => NOW - hours * HOUR)
  const last = 27_900
  const ages = Array.from({ length: Math.floor((hours * HOUR - last) / BLOCK) + 1 }, (_, i) => last + i * BLOCK)
    .filter((ago) => ago <= 5 * HOUR || ago >= 5 * HOUR + 11 * BLOCK)
    .reverse()
  let number = FIRST_AFTER - 1n - BigInt(ages.length)
  const commit = (ago: number, leader: string, term: number) => {
    number += 1n
    // Slower in one hour, so that there is something to see.
    const tookMs = 6 + ((Number(number) * 7) % 5) + (ago > 2 * HOUR && ago < 2.4 * HOUR ? 60 : 0)
    recorder.onBlock({ block: blockAt(ago, leader, term, number), tookMs })
  }
  for (const ago of ages) {
    const led = ago > 47 * 60_000
    commit(ago, led ? 'seq-c' : 'seq-a', led ? 6 : 7)
    if (Math.floor(ago / BLOCK) % 15 === 0) tick(recorder, happy, ago)
  }
  tick(recorder, late, 25_000)
  tick(recorder, moving(), 22_050)
  tick(recorder, recovered, 20_000)
  for (let ago = 20_900; ago >= 900; ago -= BLOCK) commit(ago, 'seq-b', 8)
  return recorder
}

/** The day of a snapshot in which seq-a has led since the switchover and nothing was missed, up to its newest block. */
export function recordQuiet({ blocks, view, decision }: Snapshot): StoryRecorder {
  const recorder = recordStory(BLOCK, () => NOW - 24 * HOUR)
  const newest = blocks[0]
  const last = newest ? NOW - newest.committedAt : 0
  const count = newest ? Math.floor((24 * HOUR - last) / BLOCK) + 1 : 0
  for (let i = count - 1; i >= 0; i--) {
    const ago = last + i * BLOCK
    const led = ago > 47 * 60_000
    const number = (newest?.number ?? 0n) - BigInt(i)
    recorder.onBlock({ block: blockAt(ago, led ? 'seq-c' : 'seq-a', led ? 6 : 7, number), tookMs: 6 + (i % 5) })
    if (i % 15 === 0 && ago > last) tick(recorder, happy, ago)
  }
  recorder.onTick({ view, decision })
  return recorder
}

function tick(recorder: StoryRecorder, { view, decision }: Snapshot, ago: number): void {
  const left = Math.max(0, 40 * 60_000 - (24 * HOUR - ago) / 60)
  const l1 = {
    window: { leftMs: left, used: 0.2 },
    drift: { leftMs: 20 * 60_000, used: 0.1 },
    batcher: { address: '0xba7c', balanceWei: 10n ** 18n, runwayMs: 9 * 24 * HOUR + ago },
    reasons: [],
    page: [],
  }
  const verdicts = decision.verdicts.map((verdict) =>
    verdict.node === 'seq-c' ? { ...verdict, lag: BigInt(Math.floor(ago / 1_800_000) % 4) } : verdict,
  )
  // The head of a snapshot is that of its own moment.
  const head = view.head && { ...view.head, number: 1n, committedAt: 1 }
  recorder.onTick({ view: { ...view, now: NOW - ago, ...(head && { head }) }, decision: { ...decision, verdicts, l1 } })
}

/** The block of seq-a is late, and nothing was done about it yet. */
const late: Snapshot = {
  ...happy,
  decision: {
    ...happy.decision,
    condition: 'degraded',
    reasons: [reason('late', { number: '41234557', lateMs: 900 }, 'seq-a')],
  },
}

/** Granted 22.1 s ago; seq-a had been silent for 1.9 s. */
function moving(): Snapshot {
  const lease = failover.view.lease && { ...failover.view.lease, grantedAt: NOW - 22_100 }
  const seen = failover.view.observed['seq-a']
  const silent = { result: 'timeout' as const, since: NOW - 24_000, samples: 4 }
  const observed = { ...failover.view.observed, ...(seen && { 'seq-a': { ...seen, consensus: silent } }) }
  return { ...failover, view: { ...failover.view, observed, ...(lease && { lease }) } }
}

const acted = (ago: number, what: string, extra: Partial<HistoryRecord>): HistoryRecord => ({
  chain: 'op-901',
  id: `${new Date(NOW - ago).toISOString()}#${what}`,
  at: NOW - ago,
  actor: { kind: 'baton', name: 'monitor-1' },
  what,
  term: 8,
  head: FIRST_AFTER - 1n,
  reasons: [],
  ...extra,
})

/** The records of that day, newest first. */
export const nightHistory: readonly HistoryRecord[] = [
  acted(20_800, 'start', { node: 'seq-b', reasons: [reason('started', { ms: 210, posted: 0 })] }),
  acted(22_020, 'fence', {
    node: 'seq-b',
    reasons: [reason('head-fenced', { number: '41234556', hash: hashOf(41_234_556n) })],
  }),
  acted(22_080, 'grant', {
    node: 'seq-b',
    reasons: [
      reason('consensus-silent', { ageMs: 1_900 }, 'seq-a'),
      reason('late', { number: '41234557', lateMs: 3_800 }, 'seq-a'),
    ],
  }),
  ...history,
]

/** The snapshot that belongs to {@link recordNight}. */
export const night: Snapshot = { ...recovered, history: nightHistory }

export function nightStory(): ReturnType<StoryRecorder['storyOf']> {
  return recordNight().storyOf(night)
}
