import { setImmediate } from 'node:timers/promises'
import type { ListedBlock } from '../context/inspect.ts'
import { leadersOf, readable } from '../context/list-commits.ts'
import type { ChainPorts } from '../context/ports.ts'
import type { Log } from '../log.ts'
import type { Hole } from '../page/story/commits.ts'
import { DAY_MS } from '../page/story/story.ts'
import type { HistoryRecord } from '../protocol/records.ts'
import type { ArchivedCommit } from '../store/stores.ts'
import { recallHistory } from './keep-story.ts'
import type { StoryRecorder } from './story-recorder.ts'

/** How often to check the story for holes (ms). Each failure doubles the wait, up to the longest one. */
const LOOK_MS = 3_000
const LONGEST_WAIT_MS = 300_000
/** After this many failures in a row, more than an hour of them, holes are left as they are. */
const MOST_FAILURES = 20
/** Commits asked for at once, how often at most for one hole, and for how long (ms). */
const PAGE = 1_000
const MOST_PAGES = 400
const PATIENCE_MS = 30_000

type Ports = Pick<ChainPorts, 'chain' | 'objects' | 'clock' | 'history'>

/**
 * Fills in what the recorder did not see: the history of the last day, and from the archive's list the commits of the
 * time before this process, and of each time in which other gates committed unseen.
 */
export function fillStory(ports: Ports, story: StoryRecorder, log: Log): { close(): Promise<void> } {
  const ended = new AbortController()
  let failures = 0
  let recalled = false
  const fill = async () => {
    const history = await recallHistory(ports, ports.clock.now())
    if (!recalled) story.remember(history)
    recalled = true
    for (const hole of story.holes()) {
      const listed = await recallCommits(ports, hole, history, ended.signal)
      if (!ended.signal.aborted) story.fill(hole, listed)
    }
  }
  const fillUnlessFailing = async () => {
    while (!ended.signal.aborted && failures < MOST_FAILURES) {
      if (!recalled || story.holes().length > 0) {
        await fill().then(
          () => {
            failures = 0
          },
          (error: unknown) => {
            failures += 1
            // While all starts at once, a first call may time out.
            if (failures === 3) log.warn("the page's timeline may have holes: the store does not answer", { error })
          },
        )
      }
      await ports.clock.sleep(Math.min(LOOK_MS * 2 ** failures, LONGEST_WAIT_MS), ended.signal)
    }
  }
  const running = fillUnlessFailing()
  return {
    async close() {
      ended.abort()
      await running
    },
  }
}

/**
 * The commits of a hole, at most of one day, the lowest first, as the archive lists them: no payload is read. What it
 * does not list, or not in time, is left out.
 *
 * @throws StoreUnavailableError
 */
export async function recallCommits(
  { chain, objects, clock }: Pick<Ports, 'chain' | 'objects' | 'clock'>,
  { before, after }: Hole,
  history: readonly HistoryRecord[],
  signal?: AbortSignal,
): Promise<readonly ListedBlock[]> {
  const from = Math.max(clock.now() - DAY_MS, before?.at ?? 0)
  const until = clock.monotonic() + PATIENCE_MS
  const wanted = ({ number, committedAt }: ArchivedCommit) =>
    committedAt > from && Number(number) > (before?.number ?? -1)
  const found: ArchivedCommit[] = []
  let below = BigInt(after.number)
  for (let page = 0; page < MOST_PAGES && clock.monotonic() < until && !signal?.aborted; page++) {
    const commits = (await objects.commits?.(chain.id, { below, limit: PAGE })) ?? []
    found.push(...commits.filter(wanted))
    const lowest = commits.at(-1)
    if (!lowest || !wanted(lowest)) break
    below = lowest.number
  }
  // A day of short blocks takes most of a second: the gate of this process answers in between.
  const leaders = leadersOf(found, history)
  const listed: ListedBlock[] = []
  for (let [from, to] = [0, 0]; from < found.length; from = to) {
    to = from + PAGE
    // All blocks of a number belong together: one of them is the chain's.
    while (to < found.length && found[to]?.number === found[to - 1]?.number) to += 1
    listed.push(...readable(found.slice(from, to), leaders))
    await setImmediate()
  }
  return listed.reverse()
}
